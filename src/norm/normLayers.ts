import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { walk } from '../core/walk.js';
import { ownName } from '../core/weightNames.js';
import { BatchNorm } from './BatchNorm.js';
import { toRows } from './rows.js';
import { keepStatistics, type Statistics, statisticsOf, unbiasedVariance } from './statistics.js';

type Layer = layers.Layer;

/** A batch normalisation of a model: ours, or tf.layers' own. */
export interface NormLayer {
  layer: Layer;
  /** The names that lead to it from the model. */
  name: string;
  axis: number;
  epsilon: number;
  /** Whether its moving variance is the unbiased estimate. */
  unbiased: boolean;
  frozen: boolean;
  mean: LayerVariable;
  variance: LayerVariable;
  /** With `renorm`, the averages of the deviation, and of the mean for training. */
  deviations: LayerVariable[];
  renormMean?: LayerVariable;
  /** The number of updates so far, where the layer counts them. */
  updates?: LayerVariable;
}

/** Every batch normalisation of a model, those inside blocks and nested models too. */
export function normLayersOf(model: LayersModel): NormLayer[] {
  const found = new Map<Layer, NormLayer>();
  for (const { path, layer } of walk(model)) {
    const ours = layer instanceof BatchNorm;
    if (!ours && layer.getClassName() !== 'BatchNormalization') continue;
    const { axis, epsilon } = layer.getConfig() as { axis: number; epsilon: number };
    const weights = (...names: string[]) => layer.weights.filter((w) => names.includes(ownName(w)));
    const weight = (name: string) => weights(name)[0]!;
    found.set(layer, {
      layer,
      name: path.join('/'),
      axis,
      epsilon,
      unbiased: ours && layer.options.variance === 'unbiased',
      frozen: ours ? layer.isFrozen : !layer.trainable,
      mean: weight('moving_mean'),
      variance: weight('moving_variance'),
      deviations: weights('moving_stddev', 'renorm_stddev'),
      renormMean: weight('renorm_mean'),
      updates: weight('updates'),
    });
  }
  return [...found.values()];
}

const STOP = Symbol('stop');

/**
 * Runs a model in inference and tells of each call of the given normalisations before it happens.
 * The run ends early when `before` returns false.
 */
export function observe(
  model: LayersModel,
  input: Tensor | Tensor[],
  norms: NormLayer[],
  before: (norm: NormLayer, x: Tensor) => boolean,
): void {
  for (const norm of norms) {
    const { call } = norm.layer;
    norm.layer.call = (inputs, kwargs) => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      if (!before(norm, x)) throw STOP;
      return call.call(norm.layer, inputs, kwargs);
    };
  }
  try {
    tidy(() => {
      model.apply(input, { training: false });
    });
  } catch (error) {
    if (error !== STOP) throw error;
  } finally {
    for (const { layer } of norms) delete (layer as Partial<Layer>).call;
  }
}

/** The statistics of what enters a normalisation, kept; the variance biased or unbiased. */
export function inputStatistics(norm: NormLayer, x: Tensor, unbiased = false): Statistics {
  const axis = norm.axis < 0 ? norm.axis + x.rank : norm.axis;
  const statistics = statisticsOf(toRows(x, axis));
  const variance = unbiased ? unbiasedVariance(statistics) : statistics.variance;
  return keepStatistics({ ...statistics, variance });
}
