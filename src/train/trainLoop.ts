import { add, clone, dispose, mul, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Random, random } from '../core/random.js';
import { type DataSet, parts, type Samples, sampleCount, take } from './data.js';
import { evaluate, lossOf } from './evaluate.js';
import { type EpochLogs, type Loop, restoreLoop, saveLoop } from './loopState.js';
import { setLearningRate } from './optimizerState.js';
import { PlannedStep } from './PlannedStep.js';
import { seedDropout } from './seedDropout.js';
import { type TrainLoopOptions, trainLoopOptions } from './trainLoopOptions.js';
import { trainStep } from './trainStep.js';
import { variablesOf } from './variablesOf.js';

/** What {@link trainLoop} returns. */
export interface TrainResult {
  /** What each epoch came to, those before a checkpoint too. */
  history: EpochLogs[];
  /** The epoch with the smallest loss, counted from 1; 0 when none was finished. */
  bestEpoch: number;
  /** Why it ended: all epochs done, patience ran out, or the signal. */
  stopped: 'epochs' | 'patience' | 'signal';
  /** Why steps were not computed by a plan though `planned` says so. */
  unplanned?: string;
}

/**
 * Trains a model epoch by epoch, with {@link trainStep} for each step.
 *
 * A run that goes on from a checkpoint ends with the same weights, averages and optimizer, bit for
 * bit, as one that was never interrupted, on backends whose sums have a fixed order (CPU and WASM).
 * `setSeed` decides what `tf.layers.dropout` and `spatialDropout1d` drop, too. The noise layers and
 * recurrent dropout of tf.layers draw from `Math.random`, which no seed reaches.
 *
 * @throws {@link OptionError} for an option out of its range, inputs and targets of different
 * number, and a checkpoint that is cut short, of another model or of another optimizer; what
 * {@link trainStep} throws, for example when the loss is no longer finite: the model then has the
 * weights of the step before.
 *
 * @example
 * ```ts
 * const { history } = await trainLoop(model, {
 *   x, y: x, validation: { x: xTest, y: xTest },
 *   loss: tf.losses.meanSquaredError,
 *   optimizer: tf.train.adam(1e-3, 0.9, 0.999, 1e-7),
 *   learningRate: warmUp(cosine({ from: 1e-3, steps: 5000 }), 200),
 *   epochs: 20, clipNorm: 1, earlyStop: { patience: 3 },
 *   onCheckpoint: (bytes) => writeFile('digits.checkpoint', bytes),
 * });
 * ```
 */
export async function trainLoop(
  model: LayersModel,
  options: TrainLoopOptions,
): Promise<TrainResult> {
  const checked = trainLoopOptions(options);
  const { optimizer, epochs, restoreBest, onEpoch, onCheckpoint, resume, signal } = checked;
  const count = sampleCount('x', options);
  const loop = resume ? await restoreLoop(resume, model, optimizer) : freshLoop(checked.seed);
  const { state } = loop;
  const plan = checked.planned ? plannedSteps(model, checked) : undefined;
  random.state = state.random;

  const checkpoint = async () => {
    state.random = random.state;
    if (onCheckpoint) await onCheckpoint(await saveLoop(loop, model, optimizer));
  };
  try {
    let interrupted = false;
    while (!interrupted && state.epoch < epochs && !outOfPatience(loop, checked)) {
      const order = new Random(0);
      order.state = state.order;
      if (await runEpoch(model, checked, loop, order.permutation(count), plan)) {
        const logs = await endEpoch(model, checked, loop, count);
        Object.assign(state, { epoch: logs.epoch, step: 0, lossSum: 0, order: order.state });
        await onEpoch(logs);
      }
      await checkpoint();
      interrupted = signal?.aborted ?? false;
    }
    const { history, best } = state;
    const patience = outOfPatience(loop, checked) ? 'patience' : 'epochs';
    if (restoreBest && !interrupted) model.setWeights(loop.bestWeights);
    return {
      ...{ history, bestEpoch: best?.epoch ?? 0 },
      stopped: interrupted ? 'signal' : patience,
      ...(plan?.unplanned && { unplanned: plan.unplanned }),
    };
  } finally {
    plan?.dispose();
    dispose(loop.bestWeights);
  }
}

/** Milliseconds of work between pauses in which a page can paint and answer. */
const BREATH_EVERY = 50;

type Checked = ReturnType<typeof trainLoopOptions>;

function freshLoop(seed: number): Loop {
  const order = new Random(seed).state;
  const counts = { epoch: 0, step: 0, totalSteps: 0, lossSum: 0 };
  return {
    state: { ...counts, order, random: random.state, history: [], best: null },
    bestWeights: [],
  };
}

/** The steps of an epoch that are left; false when the signal stopped them. */
async function runEpoch(
  model: LayersModel,
  options: Checked,
  { state }: Loop,
  order: Int32Array,
  plan: PlannedStep | undefined,
): Promise<boolean> {
  const { batchSize, accumulate, optimizer, clipNorm, learningRate, epochs, onStep } = options;
  const variables = variablesOf(model.trainableWeights);
  const stepSize = batchSize * accumulate;
  const steps = Math.ceil(order.length / stepSize);
  const started = performance.now();
  const skipped = state.step * stepSize;
  let lastBreath = started;
  while (state.step < steps) {
    if (options.signal?.aborted) return false;
    const samples = order.subarray(state.step * stepSize, (state.step + 1) * stepSize);
    if (learningRate) setLearningRate(optimizer, learningRate(state.totalSteps));
    const cut = [...parts(samples, batchSize)];
    const losses = cut.map((part) => () => shareOfLoss(model, options, part, samples.length));
    const loss =
      plan && cut.length === 1
        ? await runPlanned(plan, options, samples)
        : await trainStep(optimizer, losses, { variables, clipNorm });
    state.lossSum += loss * samples.length;
    state.step++;
    state.totalSteps++;
    const done = Math.min(state.step * stepSize, order.length);
    await onStep?.({
      ...{ epoch: state.epoch + 1, epochs, step: state.step, steps },
      loss: state.lossSum / done,
      samplesPerSecond: (1000 * (done - skipped)) / (performance.now() - started),
    });
    if (performance.now() - lastBreath > BREATH_EVERY) {
      await breathe();
      lastBreath = performance.now();
    }
  }
  return true;
}

/** What a part of a step's samples adds to its mean loss. */
function shareOfLoss(
  model: LayersModel,
  options: Checked,
  part: Int32Array,
  count: number,
): Scalar {
  return tidy(() => {
    const loss = lossOfBatch(model, options, take(options, part));
    return mul<Scalar>(loss, part.length / count);
  });
}

/** The loss of a batch with the model's own regularisation losses. */
function lossOfBatch(model: LayersModel, { loss }: Checked, { x, y }: DataSet): Scalar {
  return tidy(() => {
    const output = seedDropout(model, () => model.apply(x, { training: true }) as Samples);
    const own = lossOf(loss, y, output);
    return model.calculateLosses().reduce((sum, term) => add<Scalar>(sum, term), own);
  });
}

/** Steps whose batches are lists of tensors, the inputs first. */
function plannedSteps(model: LayersModel, options: Checked): PlannedStep {
  const inputs = [options.x].flat().length;
  const like = (samples: Samples, tensors: Tensor[]) =>
    Array.isArray(samples) ? tensors : tensors[0]!;
  return new PlannedStep(
    model,
    options.optimizer,
    (...batch: Tensor[]) =>
      lossOfBatch(model, options, {
        x: like(options.x, batch.slice(0, inputs)),
        y: like(options.y, batch.slice(inputs)),
      }),
    { clipNorm: options.clipNorm },
  );
}

async function runPlanned(
  plan: PlannedStep,
  options: Checked,
  samples: Int32Array,
): Promise<number> {
  const { x, y } = tidy(() => take(options, samples) as never) as DataSet;
  const batch = [x, y].flat();
  try {
    return await plan.run(...batch);
  } finally {
    dispose(batch);
  }
}

async function endEpoch(
  model: LayersModel,
  { validation, loss, batchSize, earlyStop, restoreBest }: Checked,
  loop: Loop,
  count: number,
): Promise<EpochLogs> {
  const { state } = loop;
  const logs: EpochLogs = { epoch: state.epoch + 1, loss: state.lossSum / count };
  if (validation) logs.validationLoss = await evaluate(model, validation, loss, batchSize);
  state.history.push(logs);
  const value = logs.validationLoss ?? logs.loss;
  if (!state.best || value < state.best.value - (earlyStop?.minDelta ?? 0)) {
    state.best = { epoch: logs.epoch, value };
    dispose(loop.bestWeights);
    loop.bestWeights = restoreBest ? model.getWeights().map(clone) : [];
  }
  return logs;
}

function outOfPatience({ state }: Loop, { earlyStop }: Checked): boolean {
  return earlyStop !== undefined && state.epoch - (state.best?.epoch ?? 0) >= earlyStop.patience;
}

/** Lets timers, events and the page's painting have their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
