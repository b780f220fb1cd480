import type { Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { type PoolAttrs, poolInfo } from './poolInfo.js';

/**
 * The gradient of `maxUnpool`, and what max pooling takes: dy [b, h, w, c] at the int32 indices
 * [b, o, o', c] → [b, o, o', c]; 0 where an index is not one of its window's cells.
 */
export const maxUnpoolGrad: Kernel<{ dy: Tensor4D; indices: Tensor4D }, PoolAttrs> = {
  kernelName: 'BlocksMaxUnpoolGrad',
  run(heap, { dy, indices }, attrs) {
    float32(this.kernelName, { dy });
    const { batchSize, outHeight, sizes, windows, before } = poolInfo(dy.shape, attrs, indices);
    const dx = heap.output(indices.shape);
    heap.run('maxUnpoolGrad_f32', batchSize * outHeight, [
      ...[heap.address(dy), heap.address(indices), dx.address],
      ...[...sizes, ...windows, ...before],
    ]);
    return dx.info;
  },
};
