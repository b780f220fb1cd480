import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** The variables that hold a model's weights. */
export function variablesOf(weights: LayersModel['weights']): Variable[] {
  return weights.map((weight) => weight.read() as Variable);
}
