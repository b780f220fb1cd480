import {
  ResizeNearestNeighborGrad,
  type ResizeNearestNeighborGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import {
  checkResizeGradient,
  doubles,
  type ResizeAttrs,
  resizeGradient,
  resizeInfo,
} from './resizeInfo.js';

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
    if (doubles(info, attrs)) {
      const { batch, height, width, channels, outHeight, outWidth } = info;
      heap.run('sumPool_f32', batch * height, [
        ...[heap.address(dy), dx.address],
        ...[outHeight, outWidth, channels, height, width],
        ...[2, 2, 2, 2, 0, 0],
      ]);
    } else resizeGradient(heap, heap.address(dy), dx, info, attrs.alignCorners ? 2 : 1);
    return dx.info;
  },
};
