import {
  ResizeBilinearGrad,
  type ResizeBilinearGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from './convInfo.js';
import type { Kernel } from './kernel.js';
import { checkResizeGradient, type ResizeAttrs, resizeGradient, resizeInfo } from './resizeInfo.js';

/** The gradient of `ResizeBilinear`, on the same grid: stock ignores half-pixel centres. */
export const resizeBilinearGrad: Kernel<
  { images: Tensor4D; dy: Tensor4D },
  ResizeBilinearGradAttrs & ResizeAttrs
> = {
  kernelName: ResizeBilinearGrad,
  run(heap, { images, dy }, attrs) {
    float32(ResizeBilinearGrad, { images, dy });
    checkResizeGradient(ResizeBilinearGrad, images, dy);
    const dx = heap.output(images.shape);
    resizeGradient(heap, heap.address(dy), dx, resizeInfo(images.shape, dy.shape, attrs), 0);
    return dx.info;
  },
};
