import { MaxPool, type Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { type PoolAttrs, poolInfo } from './poolInfo.js';

/** The maximum of each window; NaN stays NaN, which stock turns into −∞. */
export const maxPool: Kernel<{ x: Tensor4D }, PoolAttrs> = {
  kernelName: MaxPool,
  run(heap, { x }, attrs) {
    float32(MaxPool, { x });
    const { batchSize, outHeight, outShape, sizes, windows, before } = poolInfo(x.shape, attrs);
    const output = heap.output(outShape);
    heap.run('maxPool_f32', batchSize * outHeight, [
      ...[heap.address(x), output.address],
      ...[...sizes, ...windows, ...before],
    ]);
    return output.info;
  },
};
