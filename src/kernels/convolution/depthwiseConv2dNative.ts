import {
  DepthwiseConv2dNative,
  type DepthwiseConv2dNativeAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { UNBOUNDED } from './convolve.js';
import { depthwise } from './depthwise.js';

/** x [n, h, w, c], filter [kh, kw, c, m] → [n, oh, ow, c·m]. */
export const depthwiseConv2dNative: Kernel<
  { x: Tensor4D; filter: Tensor4D },
  DepthwiseConv2dNativeAttrs
> = {
  kernelName: DepthwiseConv2dNative,
  run: (heap, tensors, attrs) => depthwise(heap, tensors, attrs, UNBOUNDED),
};
