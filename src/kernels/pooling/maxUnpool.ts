import type { Tensor4D } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { type PoolAttrs, poolInfo } from './poolInfo.js';

/** A pooling's attributes, and the size of the images that it pooled. */
export interface MaxUnpoolAttrs extends PoolAttrs {
  height: number;
  width: number;
}

/**
 * The reversal of max pooling: x and int32 indices [b, o, o', c] → [b, height, width, c], each value
 * at its window's index, without the batch, and added where windows meet; nothing of a window whose
 * index is not one of its own cells.
 */
export const maxUnpool: Kernel<{ x: Tensor4D; indices: Tensor4D }, MaxUnpoolAttrs> = {
  kernelName: 'BlocksMaxUnpool',
  run(heap, { x, indices }, attrs) {
    float32(this.kernelName, { x });
    const image = [x.shape[0], attrs.height, attrs.width, x.shape[3]];
    const { sizes, windows, before } = poolInfo(image, attrs, x);
    const y = heap.output(image);
    heap.run('maxUnpool_f32', x.shape[0], [
      ...[heap.address(x), heap.address(indices), y.address],
      ...[...sizes, ...windows, ...before],
    ]);
    return y.info;
  },
};
