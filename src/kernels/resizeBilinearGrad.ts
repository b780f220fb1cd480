import {
  ResizeBilinearGrad,
  type ResizeBilinearGradAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { float32 } from './convInfo.js';
import type { Kernel } from './kernel.js';
import { checkResizeGradient, type ResizeAttrs, resizeInfo } from './resizeInfo.js';

/** The gradient of `ResizeBilinear`, on the same grid: stock ignores half-pixel centres. */
export const resizeBilinearGrad: Kernel<
  { images: Tensor4D; dy: Tensor4D },
  ResizeBilinearGradAttrs & ResizeAttrs
> = {
  kernelName: ResizeBilinearGrad,
  run(heap, { images, dy }, attrs) {
    float32(ResizeBilinearGrad, { images, dy });
    checkResizeGradient(ResizeBilinearGrad, images, dy);
    const info = resizeInfo(images.shape, dy.shape, attrs);
    const dx = heap.output(images.shape);
    heap.scratch([info.tableBytes, info.batch * info.lineBytes], ([table, lines]) => {
      heap.run('resizeTable_f32', 1, [table!, ...info.columns]);
      const tensors = [heap.address(dy), dx.address, table!, lines!];
      heap.run('resizeLinearGrad_f32', info.batch, [
        ...[...tensors, ...info.sizes, info.scaleRow, info.half],
      ]);
    });
    return dx.info;
  },
};
