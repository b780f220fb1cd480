import {
  ResizeNearestNeighbor,
  type ResizeNearestNeighborAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { resizeInfo } from './resizeInfo.js';

/** The pixel nearest to each position. Other types than float32, and empty results, are left to stock. */
export const resizeNearestNeighbor: Kernel<{ images: Tensor4D }, ResizeNearestNeighborAttrs> = {
  kernelName: ResizeNearestNeighbor,
  run(heap, { images }, attrs) {
    const shape = [images.shape[0], ...attrs.size, images.shape[3]];
    if (images.dtype !== 'float32' || images.shape.includes(0) || shape.includes(0)) return null;
    const info = resizeInfo(images.shape, shape, attrs);
    const { batch, outHeight, outWidth, sizes, scaleRow, half } = info;
    const output = heap.output(shape);
    const round = Number(attrs.alignCorners);
    heap.scratch([outWidth * 4], ([places]) => {
      heap.run('resizePlaces_f32', 1, [places!, ...info.columns, round]);
      const tensors = [heap.address(images), output.address, places!];
      heap.run('resizeNearest_f32', batch * outHeight, [
        ...tensors,
        ...sizes,
        scaleRow,
        half,
        round,
      ]);
    });
    return output.info;
  },
};
