import {
  FusedDepthwiseConv2D,
  type FusedDepthwiseConv2DAttrs,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Bounds } from './convolve.js';
import { repairDepthwise, sparseDepthwise } from './depthwiseRepair.js';
import { fusedActivation } from './fusedActivation.js';
import type { Kernel } from './kernel.js';

/** The activations that are bounds of the output. */
const BOUNDED = ['linear', 'relu', 'relu6'];

/**
 * A depthwise convolution with bias and activation, by stock; NaN stays NaN, without an activation and with
 * relu or relu6.
 */
export const fusedDepthwiseConv2D: Kernel<
  { x: Tensor4D; filter: Tensor4D; bias?: Tensor },
  FusedDepthwiseConv2DAttrs
> = {
  kernelName: FusedDepthwiseConv2D,
  run(heap, tensors, attrs) {
    const bounds = boundsOf(attrs);
    return bounds && sparseDepthwise(heap, tensors, attrs, bounds);
  },
  repair(heap, tensors, attrs, y) {
    const bounds = boundsOf(attrs);
    if (bounds) repairDepthwise(heap, tensors, attrs, y, bounds);
  },
};

function boundsOf({ activation }: FusedDepthwiseConv2DAttrs): Bounds | null {
  return BOUNDED.includes(activation ?? 'linear') ? fusedActivation(activation)!.bounds : null;
}
