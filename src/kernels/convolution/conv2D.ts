import { Conv2D, type Conv2DAttrs, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { conv2DInfo } from './convInfo.js';
import { UNBOUNDED } from './convolve.js';
import { forwardConvolution } from './forwardConvolution.js';

/** x [n, h, w, ci], filter [kh, kw, ci, co] → [n, oh, ow, co]. */
export const conv2D: Kernel<{ x: Tensor4D; filter: Tensor4D }, Conv2DAttrs> = {
  kernelName: Conv2D,
  run(heap, { x, filter }, attrs) {
    const info = conv2DInfo(x, filter, attrs);
    if (!info) return null;
    const output = heap.output(info.outShape);
    const [from, weights] = [heap.address(x), heap.address(filter)];
    const epilogue = { bias: null, bounds: UNBOUNDED };
    forwardConvolution(heap, info, from, weights, output.address, epilogue);
    return output.info;
  },
};
