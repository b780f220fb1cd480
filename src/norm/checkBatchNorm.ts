import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { inputStatistics, type NormLayer, normLayersOf, observe } from './normLayers.js';
import { disposeStatistics, joinKept, type Statistics } from './statistics.js';

/** What {@link checkBatchNorm} found wrong with a layer. */
export interface BatchNormFinding {
  /** The layer's name, with the names of the models and blocks around it. */
  layer: string;
  /**
   * `'never updated'`: mean 0 and variance 1 throughout; `'not finite'`: NaN or infinity among them;
   * `'far from the batch'`: not those of what enters the layer.
   */
  problem: 'never updated' | 'not finite' | 'far from the batch';
  /** What was seen and what to do about it, in a sentence or two. */
  message: string;
}

/** A channel's mean is far off beyond so many of its moving standard deviations. */
const FAR_MEAN = 1;
/** A channel's deviation is far off beyond this factor, either way. */
const FAR_DEVIATION = 2;
/** A layer is far off when this share of its channels is. */
const FAR_CHANNELS = 0.25;

/**
 * Looks for batch normalisations whose moving statistics will make inference wrong.
 *
 * Finds statistics that were never updated (mean 0 and variance 1 throughout: the update ops did
 * not run), that hold NaN or Infinity, and, given a batch, that are far from what enters the layer
 * in inference: the mean by more than one deviation, or the deviation by more than a factor of
 * two, in a quarter of the channels. For `BatchNorm` and `tf.layers.batchNormalization`.
 *
 * @param batch - Inputs of the model, for the third check. It moves no average.
 * @returns The findings in the order of the layers; empty when all is well.
 *
 * @example
 * ```ts
 * for (const { layer, message } of await checkBatchNorm(model, x)) {
 *   console.warn(`${layer}: ${message}`);
 * }
 * ```
 */
export async function checkBatchNorm(
  model: LayersModel,
  batch?: Tensor | Tensor[],
): Promise<BatchNormFinding[]> {
  const norms = normLayersOf(model);
  const entering = batch ? statisticsEntering(model, batch, norms) : new Map();
  try {
    const findings: BatchNormFinding[] = [];
    for (const norm of norms) {
      const finding = await examine(norm, entering.get(norm));
      if (finding) findings.push({ layer: norm.name, ...finding });
    }
    return findings;
  } finally {
    for (const statistics of entering.values()) disposeStatistics(statistics);
  }
}

/** What enters each layer when the model runs in inference. */
function statisticsEntering(
  model: LayersModel,
  batch: Tensor | Tensor[],
  norms: NormLayer[],
): Map<NormLayer, Statistics> {
  const entering = new Map<NormLayer, Statistics>();
  observe(model, batch, norms, (norm, x) => {
    const earlier = entering.get(norm);
    const seen = inputStatistics(norm, x);
    entering.set(norm, earlier ? joinKept(earlier, seen) : seen);
    return true;
  });
  return entering;
}

async function examine(
  norm: NormLayer,
  entering: Statistics | undefined,
): Promise<Omit<BatchNormFinding, 'layer'> | undefined> {
  const mean = await norm.mean.read().data();
  const variance = await norm.variance.read().data();
  const bad = mean.findIndex((m, i) => !Number.isFinite(m + variance[i]!));
  if (bad >= 0) {
    return {
      problem: 'not finite',
      message:
        `channel ${bad} has moving mean ${mean[bad]} and moving variance ${variance[bad]}: training ` +
        'diverged. Lower the learning rate; trainStep refuses such a step. Then train anew.',
    };
  }
  if (mean.every((m) => m === 0) && variance.every((v) => v === 1)) {
    return {
      problem: 'never updated',
      message:
        'the moving mean is 0 and the moving variance 1 throughout: the update ops never ran. Run ' +
        "them (updates: 'immediate', trainStep, or updates.run()), or mend the trained model with " +
        'recalibrate(model, batches).',
    };
  }
  if (!entering) return undefined;
  const batchMean = await entering.mean.data();
  const batchVariance = await entering.variance.data();
  const far = mean.filter((m, i) => {
    const deviation = Math.sqrt(variance[i]! + norm.epsilon);
    const ratio = Math.sqrt(batchVariance[i]! + norm.epsilon) / deviation;
    const distance = Math.abs(batchMean[i]! - m) / deviation;
    return !(distance <= FAR_MEAN && Math.abs(Math.log(ratio)) <= Math.log(FAR_DEVIATION));
  }).length;
  if (far < FAR_CHANNELS * mean.length) return undefined;
  return {
    problem: 'far from the batch',
    message:
      `in ${far} of ${mean.length} channels the batch is far from the moving statistics: they lag ` +
      'behind the weights, or the batch differs from the training data. Train on, lower the ' +
      'momentum, or call recalibrate(model, batches).',
  };
}
