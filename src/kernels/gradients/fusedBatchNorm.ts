import { engine, FusedBatchNorm, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { batchNormGrad } from '../norm/batchNormGrad.js';
import type { Gradient } from './gradient.js';

/**
 * The gradients of batch normalisation by statistics [c], all in two passes; also without a scale,
 * where stock's throws.
 */
export const fusedBatchNorm: Gradient = {
  kernelName: FusedBatchNorm,
  needs: batchNormGrad.kernelName,
  gradFunc: (dy, [x, mean, variance, scale], { varianceEpsilon }) => {
    if (mean!.rank !== 1) return null;
    const rows = [-1, mean!.shape[0]!];
    const attrs = { epsilon: varianceEpsilon!, activation: 'linear', fixed: true };
    const inputs = {
      ...{ x: reshape(x!, rows), dy: reshape(dy, rows), mean: mean!, variance: variance! },
      ...(scale && { gamma: scale }),
    };
    const all = engine().runKernel(batchNormGrad.kernelName, inputs, attrs) as unknown as Tensor[];
    const [dx, dScale, dOffset, dMean, dVariance] = all;
    return {
      x: () => reshape(dx!, x!.shape),
      mean: () => dMean!,
      variance: () => dVariance!,
      scale: () => dScale!,
      offset: () => dOffset!,
    };
  },
};
