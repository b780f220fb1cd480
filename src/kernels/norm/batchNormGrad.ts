import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { type BatchNormAttrs, boundsOf, rowsOf } from './batchNormTrain.js';
import { wideRows } from './wideRows.js';

/**
 * The gradients of batch normalisation and of the activation after it:
 * […, c] → [dx […, c], dγ [c], dβ [c]].
 *
 * `y` is the forward result, which tells where the activation is flat; 'linear' doesn't need it. With
 * `fixed` the mean and the variance are inputs, not those of x, and their gradients follow:
 * [dx, dγ, dβ, dμ, dσ²].
 */
export const batchNormGrad: Kernel<
  { x: Tensor; dy: Tensor; y?: Tensor; mean: Tensor1D; variance: Tensor1D; gamma?: Tensor1D },
  BatchNormAttrs & { fixed: boolean }
> = {
  kernelName: 'BlocksBatchNormGrad',
  run(heap, { x, dy, y, mean, variance, gamma }, { epsilon, activation, fixed }) {
    float32(this.kernelName, { x, dy });
    const [rows, channels] = rowsOf(x);
    const { count, wide, sliceRows, slices } = wideRows(rows, channels);
    const outputs = Array.from({ length: fixed ? 5 : 3 }, (_, i) => {
      return heap.output(i === 0 ? x.shape : [channels]);
    });
    const [dx, dGamma, dBeta, dMean, dVariance] = outputs.map(({ address }) => address);
    const bounds = boundsOf(this.kernelName, activation);
    const masked = activation === 'linear' || !y ? 0 : heap.address(y);
    const tensors = [heap.address(x), masked, heap.address(dy)];
    const statistics = [heap.address(mean), heap.address(variance)];
    const scale = gamma ? heap.address(gamma) : 0;
    heap.scratch([wide * 4, slices * wide * 8, wide * 16], ([centre, sums, constants]) => {
      const layout = [count, wide, sliceRows, ...bounds];
      heap.run('widen_f32', 1, [statistics[0]!, centre!, channels, wide]);
      heap.run('bnGradSums_f32', slices, [...tensors, centre!, sums!, ...layout]);
      heap.run('bnGradFinish_f32', 1, [
        ...[sums!, ...statistics, scale],
        ...[constants!, dGamma!, dBeta!, dMean ?? 0, dVariance ?? 0],
        ...[slices, channels, wide, epsilon, fixed ? 0 : 1 / rows],
      ]);
      heap.run('bnGrad_f32', slices, [...tensors, constants!, dx!, ...layout]);
    });
    return outputs.map(({ info }) => info);
  },
};
