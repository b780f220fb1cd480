import { AvgPoolGrad, type Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { checkPoolGradient, type PoolAttrs, poolInfo } from './poolInfo.js';

/**
 * The gradient of average pooling: each window's dy in equal shares to its cells inside of the image.
 * Stock divides by all cells of the window, also by those in the padding.
 */
export const avgPoolGrad: Kernel<{ dy: Tensor4D; input: Tensor4D }, PoolAttrs> = {
  kernelName: AvgPoolGrad,
  run(heap, { dy, input }, attrs) {
    float32(AvgPoolGrad, { dy, input });
    checkPoolGradient(AvgPoolGrad, input, dy);
    const { batchSize, inHeight, sizes, windows, before } = poolInfo(input.shape, attrs, dy);
    const dx = heap.output(input.shape);
    const line = dy.shape[2] * dy.shape[3] * 4;
    heap.run(
      'avgPoolGrad_f32',
      batchSize * inHeight,
      [heap.address(dy), dx.address, ...sizes, ...windows, ...before],
      Math.max(line, 4),
    );
    return dx.info;
  },
};
