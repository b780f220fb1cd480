import { ResizeBilinear, type ResizeBilinearAttrs, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';
import { resizeInfo } from './resizeInfo.js';

/** The mean of the four pixels around each position, by distance. Other types than float32, and empty results, are left to stock. */
export const resizeBilinear: Kernel<{ images: Tensor4D }, ResizeBilinearAttrs> = {
  kernelName: ResizeBilinear,
  run(heap, { images }, attrs) {
    const shape = [images.shape[0], ...attrs.size, images.shape[3]];
    if (images.dtype !== 'float32' || images.shape.includes(0) || shape.includes(0)) return null;
    const { batch, outHeight, args } = resizeInfo(images.shape, shape, attrs);
    const output = heap.output(shape);
    const tensors = [heap.address(images), output.address];
    heap.run('resizeLinear_f32', batch * outHeight, [...tensors, ...args]);
    return output.info;
  },
};
