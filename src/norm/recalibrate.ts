import { clone, nextFrame, scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { OptionError, oneOf } from '../core/args.js';
import { inputStatistics, type NormLayer, normLayersOf, observe } from './normLayers.js';
import { deviationOf } from './renorm.js';
import {
  averaged,
  disposeStatistics,
  joinKept,
  pooled,
  type Statistics,
  unbiasedVariance,
} from './statistics.js';

/** The inputs of a model for one batch. */
export type InputBatch = Tensor | Tensor[];

/**
 * Batches that can be gone through several times: an array, which stays the caller's; or a function
 * that makes them anew, each of which is disposed after its use.
 */
export type Batches = InputBatch[] | (() => Iterable<InputBatch> | AsyncIterable<InputBatch>);

/** How far {@link recalibrate} is. */
export interface RecalibrateProgress {
  /** The name of the layer at work, with the names of the models and blocks around it. */
  layer: string;
  /** Its place in the order of execution, from 1. */
  layerNumber: number;
  /** How many layers there are to do. */
  layerCount: number;
  /** The batches done for this layer. */
  batch: number;
}

/** Options of {@link recalibrate}. */
export interface RecalibrateOptions {
  /**
   * `'pooled'`: the statistics of all batches taken together, exactly as if they were one batch.
   * `'batches'`: the means of the batch means and of the unbiased batch variances (Ioffe and Szegedy
   * 2015, Algorithm 2, step 10). Both weigh a batch by its size. Default `'pooled'`.
   */
  estimate?: 'pooled' | 'batches';
  /** Which layers to recalibrate. Default: all that are not frozen. */
  layers?: (layer: layers.Layer) => boolean;
  /** Told after each batch. Default none. */
  onProgress?: (progress: RecalibrateProgress) => void;
}

/**
 * Sets the moving averages of a model's batch normalisations to the statistics of given data.
 *
 * One layer after the other, in the order in which they run: a layer is measured when those before
 * it are already right, in inference. With `renorm`, its averages for training are set too. Works for
 * `BatchNorm` and for `tf.layers.batchNormalization`, inside blocks and nested models too. A model of
 * n such layers runs n times over the data, each time no further than the layer at work.
 *
 * @throws {@link OptionError} when there is no batch, or the second pass finds none. Whatever is
 * thrown, by the model or by the batches, no average has changed.
 *
 * @example
 * ```ts
 * await recalibrate(model, batches, {
 *   onProgress: ({ layer, layerNumber, layerCount }) =>
 *     console.log(`${layerNumber}/${layerCount} ${layer}`),
 * });
 * ```
 */
export async function recalibrate(
  model: LayersModel,
  batches: Batches,
  options: RecalibrateOptions = {},
): Promise<void> {
  const estimate = oneOf('recalibrate', 'estimate', options.estimate ?? 'pooled', [
    'pooled',
    'batches',
  ]);
  const { layers: chosen, onProgress } = options;
  const norms = normLayersOf(model).filter((n) => chosen?.(n.layer) ?? !n.frozen);
  const runs = [...(await executionOrder(model, batches, norms))];
  const before = norms.flatMap(variablesOf).map((v) => [v, clone(v.read())] as const);
  try {
    for (const [i, [norm, calls]] of runs.entries()) {
      const place = { layer: norm.name, layerNumber: i + 1, layerCount: runs.length };
      let statistics: Statistics | undefined;
      let batch = 0;
      try {
        for await (const input of each(batches)) {
          for (const seen of statisticsIn(model, input, norm, calls, estimate)) {
            statistics = statistics ? joinKept(statistics, seen, JOIN[estimate]) : seen;
          }
          batch++;
          onProgress?.({ ...place, batch });
          await nextFrame();
        }
        if (!statistics) throw noBatches();
        write(norm, statistics, estimate, batch);
      } finally {
        if (statistics) disposeStatistics(statistics);
      }
    }
  } catch (error) {
    for (const [variable, value] of before) variable.write(value);
    throw error;
  } finally {
    for (const [, value] of before) value.dispose();
  }
}

const JOIN = { pooled, batches: averaged };

/** The layers in the order of their first call, with how often a run calls each. */
async function executionOrder(
  model: LayersModel,
  batches: Batches,
  norms: NormLayer[],
): Promise<Map<NormLayer, number>> {
  const calls = new Map<NormLayer, number>();
  for await (const input of each(batches)) {
    observe(model, input, norms, (norm) => {
      calls.set(norm, (calls.get(norm) ?? 0) + 1);
      return true;
    });
    return calls;
  }
  throw noBatches();
}

/** The statistics of each call of a layer in one run, which ends with the last of them. */
function statisticsIn(
  model: LayersModel,
  input: InputBatch,
  norm: NormLayer,
  calls: number,
  estimate: 'pooled' | 'batches',
): Statistics[] {
  const seen: Statistics[] = [];
  try {
    observe(model, input, [norm], (_, x) => {
      seen.push(inputStatistics(norm, x, estimate === 'batches'));
      return seen.length < calls;
    });
    return seen;
  } catch (error) {
    seen.forEach(disposeStatistics);
    throw error;
  }
}

function write(
  norm: NormLayer,
  statistics: Statistics,
  estimate: 'pooled' | 'batches',
  batches: number,
): void {
  tidy(() => {
    const asIs = estimate === 'batches' || !norm.unbiased;
    const variance = asIs ? statistics.variance : unbiasedVariance(statistics);
    norm.mean.write(statistics.mean);
    norm.variance.write(variance);
    norm.renormMean?.write(statistics.mean);
    for (const deviation of norm.deviations) deviation.write(deviationOf(variance, norm.epsilon));
    norm.updates?.write(scalar(batches));
  });
}

function variablesOf(norm: NormLayer): LayerVariable[] {
  const { mean, variance, deviations, renormMean, updates } = norm;
  return [mean, variance, ...deviations, renormMean, updates].filter((v) => v !== undefined);
}

/** The batches, those that a function made disposed after their use. */
async function* each(batches: Batches): AsyncGenerator<InputBatch> {
  if (Array.isArray(batches)) {
    yield* batches;
    return;
  }
  for await (const batch of batches()) {
    try {
      yield batch;
    } finally {
      for (const tensor of [batch].flat()) tensor.dispose();
    }
  }
}

function noBatches(): OptionError {
  return new OptionError(
    'recalibrate: batches must give at least one batch in every pass: an array, or a function that ' +
      'makes them anew',
  );
}
