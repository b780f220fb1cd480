import {
  FusedConv2D,
  type FusedConv2DAttrs,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { biasApart, isPerChannel } from './apart.js';
import { conv2DInfo } from './convInfo.js';
import { UNBOUNDED } from './convolve.js';
import { forwardConvolution } from './forwardConvolution.js';
import { type FusedActivation, fusedActivation } from './fusedActivation.js';

interface Inputs {
  x: Tensor4D;
  filter: Tensor4D;
  bias?: Tensor;
  preluActivationWeights?: Tensor;
  /**
   * Is added before the activation. A plan gives it, where this kernel takes the case, the activation is
   * one of bounds and the output's channels come in eights.
   */
  residual?: Tensor4D;
}

/** A convolution with bias and activation: x [n, h, w, ci], filter [kh, kw, ci, co] → [n, oh, ow, co]. */
export const fusedConv2D: Kernel<Inputs, FusedConv2DAttrs> = {
  kernelName: FusedConv2D,
  run(heap, inputs, attrs) {
    const { x, filter, bias, preluActivationWeights, residual } = inputs;
    if (!isPerChannel(bias, filter.shape[3])) {
      return biasApart(heap, FusedConv2D, inputs, attrs);
    }
    const info = conv2DInfo(x, filter, attrs);
    const activation = fusedActivation(
      attrs.activation,
      attrs.leakyreluAlpha,
      preluActivationWeights,
    );
    if (!activation) return null;
    if (!info) return boundedApart(heap, inputs, attrs, activation);
    const output = heap.output(info.outShape);
    const [from, weights] = [heap.address(x), heap.address(filter)];
    forwardConvolution(heap, info, from, weights, output.address, {
      bias: bias ? heap.address(bias) : null,
      bounds: activation.bounds,
      residual: residual && heap.address(residual),
    });
    return activation.finish(heap, output.info);
  },
};

/**
 * Stock's, which computes what ours doesn't, may make 0 of a NaN where it bounds its outputs: there the bounds
 * are a kernel of their own. Null where it needs none.
 */
function boundedApart(
  heap: Heap,
  inputs: Inputs,
  attrs: FusedConv2DAttrs,
  { bounds, alone }: FusedActivation,
): TensorInfo | null {
  if (bounds === UNBOUNDED || inputs.x.dtype !== 'float32') return null;
  const y = heap.call(FusedConv2D, { ...inputs }, { ...attrs, activation: 'linear' } as never);
  return alone(heap, y);
}
