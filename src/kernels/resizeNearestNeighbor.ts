import {
  ResizeNearestNeighbor,
  type ResizeNearestNeighborAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';
import { resizeInfo } from './resizeInfo.js';

/** The pixel nearest to each position. Other types than float32, and empty results, are left to stock. */
export const resizeNearestNeighbor: Kernel<{ images: Tensor4D }, ResizeNearestNeighborAttrs> = {
  kernelName: ResizeNearestNeighbor,
  run(heap, { images }, attrs) {
    const shape = [images.shape[0], ...attrs.size, images.shape[3]];
    if (images.dtype !== 'float32' || images.shape.includes(0) || shape.includes(0)) return null;
    const { batch, outHeight, sizes, scaleRow, scaleColumn, half } = resizeInfo(
      images.shape,
      shape,
      attrs,
    );
    const output = heap.output(shape);
    const tensors = [heap.address(images), output.address];
    heap.run('resizeNearest_f32', batch * outHeight, [
      ...[...tensors, ...sizes, scaleRow, scaleColumn, half, Number(attrs.alignCorners)],
    ]);
    return output.info;
  },
};
