import {
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { composedDepthwiseInput } from '../composed/depthwise.js';
import type { Kernel } from '../kernel.js';
import { float32 } from './convInfo.js';
import { depthwiseInfo } from './depthwiseInfo.js';

/** dy [n, oh, ow, c·m], filter [kh, kw, c, m] → the gradient of the input, [n, h, w, c]. */
export const depthwiseConv2dNativeBackpropInput: Kernel<
  { dy: Tensor4D; filter: Tensor4D },
  DepthwiseConv2dNativeBackpropInputAttrs
> = {
  kernelName: DepthwiseConv2dNativeBackpropInput,
  composed: (inputs, attrs) =>
    composedDepthwiseInput(DepthwiseConv2dNativeBackpropInput, inputs, attrs),
  run(heap, { dy, filter }, attrs) {
    float32(this.kernelName, { dy, filter });
    const { inputShape } = attrs;
    const info = depthwiseInfo(this.kernelName, inputShape, filter.shape, dy, attrs);
    const dx = heap.output(info.inShape);
    const tensors = [heap.address(dy), heap.address(filter), dx.address];
    heap.run('depthwiseInput_f32', info.batchSize * info.inHeight, [...tensors, ...info.args]);
    return dx.info;
  },
};
