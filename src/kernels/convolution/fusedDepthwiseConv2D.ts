import {
  FusedDepthwiseConv2D,
  type FusedDepthwiseConv2DAttrs,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { biasApart, isPerChannel } from './apart.js';
import { depthwise } from './depthwise.js';
import { fusedActivation } from './fusedActivation.js';

interface Inputs {
  x: Tensor4D;
  filter: Tensor4D;
  bias?: Tensor;
  preluActivationWeights?: Tensor;
}

/** A depthwise convolution with bias and activation: x [n, h, w, c], filter [kh, kw, c, m] → [n, oh, ow, c·m]. */
export const fusedDepthwiseConv2D: Kernel<
  Inputs,
  FusedDepthwiseConv2DAttrs & { leakyreluAlpha?: number }
> = {
  kernelName: FusedDepthwiseConv2D,
  run(heap, inputs, attrs) {
    const { preluActivationWeights, ...tensors } = inputs;
    const [, , channels, multiplier] = tensors.filter.shape;
    if (!isPerChannel(tensors.bias, channels * multiplier)) {
      return biasApart(heap, FusedDepthwiseConv2D, inputs, attrs);
    }
    const activation = fusedActivation(
      attrs.activation,
      attrs.leakyreluAlpha,
      preluActivationWeights,
    );
    const y = activation && depthwise(heap, tensors, attrs, activation.bounds);
    return y && activation.finish(heap, y);
  },
};
