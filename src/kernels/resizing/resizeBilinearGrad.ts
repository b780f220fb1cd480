import {
  ResizeBilinearGrad,
  type ResizeBilinearGradAttrs,
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
    const info = resizeInfo(images.shape, dy.shape, attrs);
    if (attrs.halfPixelCenters && doubles(info, attrs)) {
      const { batch, height, width, channels } = info;
      const sizes = [height, width, channels];
      heap.run('resizeGradDouble_f32', batch * height, [heap.address(dy), dx.address, ...sizes]);
    } else resizeGradient(heap, heap.address(dy), dx, info, 0);
    return dx.info;
  },
};
