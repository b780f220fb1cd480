import {
  MaxPoolWithArgmax,
  type MaxPoolWithArgmaxAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { poolInfo } from './poolInfo.js';

/**
 * The maximum of each window and the place of the first cell that holds it. Stock is wrong where a
 * window has nothing above 0, and takes the last of equal cells.
 */
export const maxPoolWithArgmax: Kernel<{ x: Tensor4D }, MaxPoolWithArgmaxAttrs> = {
  kernelName: MaxPoolWithArgmax,
  run(heap, { x }, attrs) {
    float32(MaxPoolWithArgmax, { x });
    if (x.shape.length !== 4) {
      throw new OptionError(`${MaxPoolWithArgmax}: x must have rank 4, got shape ${show(x.shape)}`);
    }
    const { batchSize, outHeight, outShape, sizes, windows, before } = poolInfo(x.shape, attrs);
    const pooled = heap.output(outShape);
    const indices = heap.output(outShape, 'int32');
    heap.run('argmaxPool_f32', batchSize * outHeight, [
      ...[heap.address(x), pooled.address, indices.address],
      ...[...sizes, ...windows, ...before, Number(attrs.includeBatchInIndex)],
    ]);
    return [pooled.info, indices.info];
  },
};
