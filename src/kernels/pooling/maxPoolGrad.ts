import { MaxPoolGrad, type Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { checkPoolGradient, type PoolAttrs, poolInfo } from './poolInfo.js';

/**
 * The gradient of max pooling: each window's dy goes to its first maximum, in the order of rows. Stock
 * is wrong where a window has nothing above 0, and takes the last of equal cells.
 */
export const maxPoolGrad: Kernel<{ dy: Tensor4D; input: Tensor4D; output: Tensor4D }, PoolAttrs> = {
  kernelName: MaxPoolGrad,
  run(heap, { dy, input, output }, attrs) {
    float32(MaxPoolGrad, { dy, input, output });
    checkPoolGradient(MaxPoolGrad, input, dy);
    const { batchSize, sizes, windows, before } = poolInfo(input.shape, attrs, dy);
    const dx = heap.output(input.shape);
    heap.run('maxPoolGrad_f32', batchSize, [
      ...[heap.address(input), heap.address(output), heap.address(dy), dx.address],
      ...[...sizes, ...windows, ...before],
    ]);
    return dx.info;
  },
};
