import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it, vi } from 'vitest';
import {
  Adam,
  BasicBlock,
  BatchNorm,
  cosine,
  type EpochLogs,
  type StepLogs,
  seeded,
  setSeed,
  type TrainLoopOptions,
  trainLoop,
} from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { disposeWeights, valuesOf } from '../support/saveLoad.js';

const COUNT = 22;

/** A small network with a BatchNorm, regularised, always the same; 22 samples with two features. */
function setUp(optimizer: tf.Optimizer = tf.train.adam(0.02, 0.9, 0.999, 1e-7)) {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 5, inputShape: [2], useBias: false }),
      new BatchNorm({ activation: 'tanh', momentum: 0.8 }),
      tfl.layers.dense({ units: 1, kernelRegularizer: tfl.regularizers.l2({ l2: 1e-3 }) }),
    ],
  });
  const weights = model.getWeights().map((w, i) => {
    const positive = noise(w.size, i + 1).map((v) => v + 1.5);
    return tf.tensor(Float32Array.from(positive), w.shape);
  });
  model.setWeights(weights);
  tf.dispose(weights);
  const inputs = noise(2 * COUNT, 9);
  const x = tf.tensor2d(Float32Array.from(inputs), [COUNT, 2]);
  const targets = Array.from({ length: COUNT }, (_, i) => inputs[2 * i]! * inputs[2 * i + 1]!);
  const y = tf.tensor2d(targets, [COUNT, 1]);
  const options: TrainLoopOptions = {
    x,
    y,
    loss: (target, output) => tf.losses.meanSquaredError(target as tf.Tensor, output as tf.Tensor),
    optimizer,
    epochs: 4,
    batchSize: 8,
    onEpoch: () => {},
  };
  const tearDown = () => {
    model.dispose();
    optimizer.dispose();
    // The momentum optimizer of tfjs forgets its learning rate's tensor.
    const { c } = optimizer as unknown as { c?: tf.Tensor };
    if (c && !c.isDisposed) c.dispose();
    tf.dispose([x, y]);
  };
  return { model, options, tearDown };
}

const optimizers: Record<string, () => tf.Optimizer> = {
  adam: () => tf.train.adam(0.02, 0.9, 0.999, 1e-7),
  'our Adam': () => new Adam({ learningRate: 0.02 }),
  momentum: () => tf.train.momentum(0.05, 0.9),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0, 1e-7),
  sgd: () => tf.train.sgd(0.05),
  adagrad: () => tf.train.adagrad(0.05, 0.1),
  adadelta: () => tf.train.adadelta(0.5, 0.95, 1e-7),
  adamax: () => tf.train.adamax(0.02, 0.9, 0.999, 1e-7, 0.01),
};

/** A network of stochastic depth and dropout, and all options that a checkpoint has to do with. */
function setUpRandom() {
  const model = tfl.sequential({
    layers: [
      new BasicBlock({
        inputShape: [3, 3, 1],
        filters: 2,
        dropPath: 0.4,
        normalization: { momentum: null },
      }),
      tfl.layers.flatten(),
      tfl.layers.dropout({ rate: 0.3 }),
      tfl.layers.dense({ units: 2, kernelInitializer: seeded('heNormal') }),
    ],
  });
  const x = tf.tensor4d(Float32Array.from(noise(9 * COUNT, 3)), [COUNT, 3, 3, 1]);
  const y = tf.tensor2d(Float32Array.from(noise(2 * COUNT, 4)), [COUNT, 2]);
  const optimizer = new Adam({ learningRate: 0.1 });
  const options: TrainLoopOptions = {
    ...{ x, y, optimizer, epochs: 5, batchSize: 4, accumulate: 2, clipNorm: 0.5 },
    loss: (target, output) => tf.losses.meanSquaredError(target as tf.Tensor, output as tf.Tensor),
    validation: { x, y },
    earlyStop: { patience: 2 },
    onEpoch: () => {},
  };
  const tearDown = () => {
    disposeWeights(model);
    optimizer.dispose();
    tf.dispose([x, y]);
  };
  return { model, options, tearDown };
}

onEveryBackend((backend) => {
  describe('trainLoop', () => {
    it('lowers the loss and tells of every step and epoch', async () => {
      const { model, options, tearDown } = setUp();
      const steps: StepLogs[] = [];
      const epochs: EpochLogs[] = [];
      const result = await trainLoop(model, {
        ...options,
        epochs: 20,
        validation: { x: options.x, y: options.y },
        onStep: (logs) => steps.push(logs),
        onEpoch: (logs) => epochs.push(logs),
      });
      expect(result).toMatchObject({ stopped: 'epochs', history: epochs });
      expect(epochs.map(({ epoch }) => epoch)).toEqual([...Array(20).keys()].map((i) => i + 1));
      expect(steps.slice(0, 4)).toMatchObject([
        { epoch: 1, epochs: 20, step: 1, steps: 3 },
        { epoch: 1, step: 2 },
        { epoch: 1, step: 3, loss: epochs[0]!.loss },
        { epoch: 2, step: 1 },
      ]);
      expect(steps.every(({ samplesPerSecond }) => samplesPerSecond > 0)).toBe(true);
      expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss / 2);
      expect(epochs.at(-1)!.validationLoss).toBeLessThan(epochs[0]!.validationLoss!);
      tearDown();
    });

    it('ends with the same losses by a plan, bit for bit on WASM, and goes on from a checkpoint', async () => {
      const whole = setUp();
      const expected = await trainLoop(whole.model, whole.options);
      const first = setUp();
      let checkpoint = new Uint8Array();
      const onCheckpoint = (bytes: Uint8Array) => {
        checkpoint = bytes as typeof checkpoint;
      };
      const planned = { ...first.options, planned: true, onCheckpoint };
      const half = await trainLoop(first.model, { ...planned, epochs: 2 });
      expect(half.unplanned).toBeUndefined();
      const second = setUp();
      const resumed = { ...second.options, planned: true, resume: checkpoint };
      const { history } = await trainLoop(second.model, resumed);
      const [weights, others] = [second.model.getWeights(), whole.model.getWeights()];
      if (backend === 'wasm' || backend === 'cpu') {
        expect(history).toEqual(expected.history);
        expect(await valuesOf(weights)).toEqual(await valuesOf(others));
      } else expect(history.at(-1)!.loss).toBeCloseTo(expected.history.at(-1)!.loss, 3);
      for (const { tearDown } of [whole, first, second]) tearDown();
    });

    it('computes a network that draws random numbers without a plan, to the same end', async () => {
      const results = [];
      for (const planned of [false, true]) {
        setSeed(1);
        const { model, options, tearDown } = setUpRandom();
        results.push(await trainLoop(model, { ...options, accumulate: 1, planned }));
        tearDown();
      }
      const { unplanned, ...planned } = results[1]!;
      expect(unplanned).toBe(backend === 'wasm' ? 'it draws random numbers' : undefined);
      if (backend === 'wasm' || backend === 'cpu') expect(planned).toEqual(results[0]);
    });

    for (const [name, make] of Object.entries(optimizers)) {
      it(`interrupted and resumed equals uninterrupted bit for bit with ${name}`, async () => {
        const learningRate = cosine({ from: 0.02, steps: 12 });
        const whole = setUp(make());
        const uninterrupted = await trainLoop(whole.model, { ...whole.options, learningRate });

        // Stopped in the middle of the second epoch.
        const first = setUp(make());
        const stop = new AbortController();
        let checkpoint: Uint8Array | undefined;
        const half = await trainLoop(first.model, {
          ...first.options,
          learningRate,
          signal: stop.signal,
          onStep: ({ epoch, step }) => epoch === 2 && step === 2 && stop.abort(),
          onCheckpoint: (bytes) => {
            checkpoint = bytes;
          },
        });
        expect(half).toMatchObject({ stopped: 'signal', history: { length: 1 } });

        const second = setUp(make());
        const resumed = await trainLoop(second.model, {
          ...second.options,
          learningRate,
          seed: 99,
          // As a file is read in Node: a view into a larger buffer.
          resume: Buffer.concat([Buffer.from('left'), checkpoint!]).subarray(4),
        });
        expect(resumed).toEqual(uninterrupted);
        const values = await valuesOf(second.model.getWeights());
        expect(values).toEqual(await valuesOf(whole.model.getWeights()));
        for (const { tearDown } of [whole, first, second]) tearDown();
      });
    }

    it('so does a network of random layers, from the end of any epoch and the middle of one', async () => {
      setSeed(5);
      const whole = setUpRandom();
      const checkpoints: Uint8Array[] = [];
      const keep = (bytes: Uint8Array) => void checkpoints.push(bytes);
      const uninterrupted = await trainLoop(whole.model, { ...whole.options, onCheckpoint: keep });
      const expected = await valuesOf(whole.model.getWeights());

      setSeed(5);
      const first = setUpRandom();
      const stop = new AbortController();
      await trainLoop(first.model, {
        ...first.options,
        signal: stop.signal,
        onStep: ({ epoch, step }) => epoch === 2 && step === 1 && stop.abort(),
        onCheckpoint: keep,
      });
      expect(checkpoints.length).toBeGreaterThan(3);

      setSeed(6);
      for (const resume of checkpoints) {
        const rest = setUpRandom();
        expect(await trainLoop(rest.model, { ...rest.options, resume })).toEqual(uninterrupted);
        expect(await valuesOf(rest.model.getWeights())).toEqual(expected);
        rest.tearDown();
      }
      for (const { tearDown } of [whole, first]) tearDown();
    });

    it('setSeed decides the initial weights, stochastic depth and dropout, which take no seed of mine', async () => {
      const runs = [];
      for (const seed of [0, 0, 1]) {
        setSeed(seed);
        const { model, options, tearDown } = setUpRandom();
        await trainLoop(model, { ...options, epochs: 1 });
        runs.push(await valuesOf(model.getWeights()));
        expect(model.layers[2]!.getConfig().seed).toBeUndefined();
        expect(Object.hasOwn(model.layers[2]!, 'call')).toBe(false);
        tearDown();
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).not.toEqual(runs[0]);
    });

    it('another seed goes through the samples in another order', async () => {
      const runs = [];
      for (const seed of [0, 0, 1]) {
        const { model, options, tearDown } = setUp();
        await trainLoop(model, { ...options, seed });
        runs.push(await valuesOf(model.getWeights()));
        tearDown();
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).not.toEqual(runs[0]);
    });

    it('accumulated gradients make the step of the whole batch where nothing depends on it', async () => {
      // Without BatchNorm, whose statistics are those of each part.
      const runs = [];
      for (const [batchSize, accumulate] of [
        [22, 1],
        [8, 3],
      ] as const) {
        const { model, options, tearDown } = setUp(tf.train.sgd(0.1));
        (model.layers[1] as BatchNorm).frozen = true;
        await trainLoop(model, { ...options, batchSize, accumulate, epochs: 2 });
        runs.push(await valuesOf(model.getWeights()));
        tearDown();
      }
      for (const [i, values] of runs[1]!.entries()) {
        await expectClose(values, runs[0]![i]!, { tolerance: 1e-6 });
      }
    });

    it('clips gradients to a global norm', async () => {
      const { model, options, tearDown } = setUp(tf.train.sgd(1));
      const before = (await valuesOf(model.trainableWeights.map((w) => w.read()))).flat();
      await trainLoop(model, { ...options, batchSize: 22, epochs: 1, clipNorm: 0.01 });
      const after = (await valuesOf(model.trainableWeights.map((w) => w.read()))).flat();
      const moved = Math.hypot(...after.map((v, i) => v - before[i]!));
      expect(moved).toBeCloseTo(0.01, 5);
      tearDown();
    });

    it('stops when patience runs out, and ends with the best weights and averages', async () => {
      const { model, options, tearDown } = setUp(tf.train.sgd(0.05));
      const seen: number[][][] = [];
      const values = [3, 2, 2.5, 1.95, 2.2, 4];
      // A validation loss that follows a script.
      const validation = { x: tf.slice(options.x as tf.Tensor, 0, 1), y: tf.zeros([1, 1]) };
      const result = await trainLoop(model, {
        ...options,
        validation,
        loss: (target, output) =>
          (output as tf.Tensor).shape[0] === 1
            ? tf.tidy(() => tf.scalar(values[seen.length]!))
            : options.loss(target, output),
        epochs: 10,
        earlyStop: { patience: 2, minDelta: 0.1 },
        onEpoch: () => seen.push([]),
        onCheckpoint: async () => {
          seen[seen.length - 1] = await valuesOf(model.getWeights());
        },
      });
      expect(result).toMatchObject({ stopped: 'patience', bestEpoch: 2, history: { length: 4 } });
      expect(await valuesOf(model.getWeights())).toEqual(seen[1]);
      tf.dispose([validation.x, validation.y]);
      tearDown();
    });

    it('prints a line per epoch unless told otherwise', async () => {
      const { model, options, tearDown } = setUp();
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      await trainLoop(model, {
        ...options,
        onEpoch: undefined,
        validation: { x: options.x, y: options.y },
        epochs: 2,
      });
      const lines = log.mock.calls.map(([line]) => line);
      log.mockRestore();
      expect(lines).toEqual([
        expect.stringMatching(/^epoch 1: loss \d+\.\d+, validation \d+\.\d+$/),
        expect.stringMatching(/^epoch 2: loss \d+\.\d+, validation \d+\.\d+$/),
      ]);
      tearDown();
    });

    it('a loss that diverges ends the loop with the weights of the step before', async () => {
      const { model, options, tearDown } = setUp();
      let before: number[][] = [];
      const loss: TrainLoopOptions['loss'] = (target, output) => {
        const value = options.loss(target, output);
        return steps === 2 ? tf.mul(value, Number.NaN) : value;
      };
      let steps = 0;
      const run = trainLoop(model, {
        ...options,
        loss,
        onStep: () => {
          steps++;
          before = model.getWeights().map((w) => Array.from(w.dataSync()));
        },
      });
      await expect(run).rejects.toThrow('the loss is NaN');
      expect(await valuesOf(model.getWeights())).toEqual(before);
      tearDown();
    });

    it('refuses options out of their range, and data that does not match', async () => {
      const { model, options, tearDown } = setUp();
      const short = tf.zeros([3, 1]);
      const refused: [Partial<TrainLoopOptions>, string][] = [
        [{ epochs: 0 }, 'trainLoop: epochs must be a positive integer, got 0'],
        [{ batchSize: 1.5 }, 'trainLoop: batchSize must be a positive integer, got 1.5'],
        [{ accumulate: -1 }, 'trainLoop: accumulate must be a positive integer, got -1'],
        [{ planned: 1 as never }, 'trainLoop: planned must be true or false, got 1'],
        [{ clipNorm: 0 }, 'trainLoop: clipNorm must be a positive number, got 0'],
        [{ seed: 0.5 }, 'trainLoop: seed must be an integer, got 0.5'],
        [
          { earlyStop: { patience: 0 } },
          'trainLoop: earlyStop.patience must be a positive integer, got 0',
        ],
        [
          { earlyStop: { patience: 1, minDelta: -1 } },
          'trainLoop: earlyStop.minDelta must be a number ≥ 0, got -1',
        ],
        [
          { y: short },
          'trainLoop: x must have as many inputs as targets, at least one, got shapes [[22, 2], [3, 1]]',
        ],
      ];
      for (const [change, message] of refused) {
        await expect(trainLoop(model, { ...options, ...change })).rejects.toThrow(message);
      }
      short.dispose();
      tearDown();
    });

    it('refuses a checkpoint that is none, is cut anywhere, or is of another model', async () => {
      const { model, options, tearDown } = setUp();
      let checkpoint = new Uint8Array();
      await trainLoop(model, {
        ...options,
        epochs: 1,
        onCheckpoint: (bytes) => {
          checkpoint = bytes as Uint8Array<ArrayBuffer>;
        },
      });
      const before = await valuesOf(model.getWeights());
      const resume = (bytes: Uint8Array, of = model) =>
        trainLoop(of, { ...options, resume: bytes });
      const message = 'trainLoop: the checkpoint to resume from';
      await expect(resume(new TextEncoder().encode('{"a": 1}'))).rejects.toThrow(
        `${message} is none of tfjs-blocks, version 1`,
      );
      for (let length = 0; length < checkpoint.length; length += 61) {
        await expect(resume(checkpoint.slice(0, length))).rejects.toThrow(message);
      }
      const other = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
      await expect(resume(checkpoint, other)).rejects.toThrow(
        `${message} must be of this model, with weights of shapes [[2, 1], [1]], got [[2, 5], `,
      );
      const optimizer = tf.train.sgd(0.1);
      await expect(trainLoop(model, { ...options, optimizer, resume: checkpoint })).rejects.toThrow(
        `${message} must be of this optimizer, SGD, got Adam`,
      );
      expect(await valuesOf(model.getWeights())).toEqual(before);
      optimizer.dispose();
      other.dispose();
      tearDown();
    });
  });
});
