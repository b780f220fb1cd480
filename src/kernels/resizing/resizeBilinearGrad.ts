import {
  ResizeBilinearGrad,
  type ResizeBilinearGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import type { Heap, Output } from '../runtime/heap.js';
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
    const info = resizeInfo(images.shape, dy.shape, attrs);
    if (doubles(info, attrs)) doubling(heap, heap.address(dy), dx, info);
    else resizeGradient(heap, heap.address(dy), dx, info, 0);
    return dx.info;
  },
};

type Info = ReturnType<typeof resizeInfo>;

/** What nearly all resizing is. */
function doubles({ height, width, outHeight, outWidth }: Info, attrs: ResizeAttrs): boolean {
  const exact = outHeight === 2 * height && outWidth === 2 * width;
  return exact && attrs.halfPixelCenters && !attrs.alignCorners;
}

function doubling(heap: Heap, dy: number, dx: Output, info: Info): void {
  const { batch, height, width, channels } = info;
  heap.run('resizeGradDouble_f32', batch * height, [dy, dx.address, height, width, channels]);
}
