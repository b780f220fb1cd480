import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  stridedSlice,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { dilateKernel } from '../../core/dilateKernel.js';
import { effectiveKernel } from '../../core/shape.js';
import type { Gradient } from './gradient.js';

/** The gradients of a dilated convolution, for which stock throws. */
export const conv2D = dilated(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** The gradients of a dilated depthwise convolution, for which stock throws. */
export const depthwiseConv2dNative = dilated(
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
);

/**
 * A dilated convolution is one with zeros between the filter's taps: its input gradient is that of
 * the wider filter, and its filter gradient every `dilation`-th tap of it.
 */
function dilated(kernelName: string, backpropInput: string, backpropFilter: string): Gradient {
  return {
    kernelName,
    gradFunc: (dy, saved, { dilations, ...attrs }) => {
      const [x, filter] = saved as [Tensor4D, Tensor4D];
      const [dh, dw] = pairOf(dilations as [number, number] | number | null | undefined);
      if (dh === 1 && dw === 1) return null;
      const [kh, kw, ci, co] = filter.shape;
      const [height, width] = [effectiveKernel(kh, dh), effectiveKernel(kw, dw)];
      const run = (name: string, inputs: Record<string, Tensor>, more: object) =>
        engine().runKernel(name, inputs, { ...attrs, ...more, dilations: [1, 1] }) as Tensor4D;
      return {
        x: () => {
          const inputs = { dy, filter: dilateKernel(filter, [dh, dw]) };
          return run(backpropInput, inputs, { inputShape: x.shape });
        },
        filter: () => {
          const filterShape = [height, width, ci, co];
          const wide = run(backpropFilter, { x, dy }, { filterShape });
          return stridedSlice(wide, [0, 0, 0, 0], filterShape, [dh, dw, 1, 1]);
        },
      };
    },
  };
}

/** tf.layers says null for a layer that isn't dilated. */
function pairOf(value: [number, number] | number | null = 1): [number, number] {
  return value === null ? [1, 1] : typeof value === 'number' ? [value, value] : value;
}
