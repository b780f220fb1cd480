import { AvgPool, type Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { type PoolAttrs, poolInfo } from './poolInfo.js';

/** The mean of each window's cells inside of the image. */
export const avgPool: Kernel<{ x: Tensor4D }, PoolAttrs> = {
  kernelName: AvgPool,
  run(heap, { x }, attrs) {
    float32(AvgPool, { x });
    const { batchSize, outHeight, outShape, sizes, windows, before } = poolInfo(x.shape, attrs);
    const output = heap.output(outShape);
    heap.run('avgPool_f32', batchSize * outHeight, [
      ...[heap.address(x), output.address],
      ...[...sizes, ...windows, ...before],
    ]);
    return output.info;
  },
};
