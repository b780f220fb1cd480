import {
  ResizeNearestNeighborGrad,
  type ResizeNearestNeighborGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { checkResizeGradient, type ResizeAttrs, resizeGradient, resizeInfo } from './resizeInfo.js';

/** The gradient of `ResizeNearestNeighbor`, on the same grid: stock ignores half-pixel centres. */
export const resizeNearestNeighborGrad: Kernel<
  { images: Tensor4D; dy: Tensor4D },
  ResizeNearestNeighborGradAttrs & ResizeAttrs
> = {
  kernelName: ResizeNearestNeighborGrad,
  run(heap, { images, dy }, attrs) {
    float32(ResizeNearestNeighborGrad, { images, dy });
    checkResizeGradient(ResizeNearestNeighborGrad, images, dy);
    const dx = heap.output(images.shape);
    const info = resizeInfo(images.shape, dy.shape, attrs);
    resizeGradient(heap, heap.address(dy), dx, info, attrs.alignCorners ? 2 : 1);
    return dx.info;
  },
};
