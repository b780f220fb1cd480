import {
  ResizeNearestNeighborGrad,
  type ResizeNearestNeighborGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from './convInfo.js';
import type { Kernel } from './kernel.js';
import { checkResizeGradient, type ResizeAttrs, resizeInfo } from './resizeInfo.js';

/** The gradient of `ResizeNearestNeighbor`, on the same grid: stock ignores half-pixel centres. */
export const resizeNearestNeighborGrad: Kernel<
  { images: Tensor4D; dy: Tensor4D },
  ResizeNearestNeighborGradAttrs & ResizeAttrs
> = {
  kernelName: ResizeNearestNeighborGrad,
  run(heap, { images, dy }, attrs) {
    float32(ResizeNearestNeighborGrad, { images, dy });
    checkResizeGradient(ResizeNearestNeighborGrad, images, dy);
    const { batch, sizes, scaleRow, scaleColumn, half } = resizeInfo(images.shape, dy.shape, attrs);
    const dx = heap.output(images.shape);
    const tensors = [heap.address(dy), dx.address];
    heap.run('resizeNearestGrad_f32', batch, [
      ...[...tensors, ...sizes, scaleRow, scaleColumn, half, Number(attrs.alignCorners)],
    ]);
    return dx.info;
  },
};
