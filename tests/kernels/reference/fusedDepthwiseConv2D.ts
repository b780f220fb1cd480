import type { DepthwiseCase } from '../support/depthwise.js';
import { depthwiseConv2dNative, tolerance } from './depthwiseConv2dNative.js';

export { tolerance };

/** A slope for negative values, of leakyrelu and prelu. */
export const SLOPE = 0.25;

export const ACTIVATIONS = {
  linear: (v: number) => v,
  relu: (v: number) => Math.max(v, 0),
  relu6: (v: number) => Math.min(Math.max(v, 0), 6),
  elu: (v: number) => (v < 0 ? Math.expm1(v) : v),
  sigmoid: (v: number) => 1 / (1 + Math.exp(-v)),
  leakyrelu: (v: number) => (v < 0 ? SLOPE * v : v),
  prelu: (v: number) => (v < 0 ? SLOPE * v : v),
};

/** y = the activation of the convolution + bias; NaN stays NaN. */
export function fusedDepthwiseConv2D(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  bias: ArrayLike<number>,
  activation: keyof typeof ACTIVATIONS,
  c: DepthwiseCase,
): Float64Array {
  return depthwiseConv2dNative(x, filter, c).map((sum, i) =>
    ACTIVATIONS[activation](sum + bias[i % bias.length]!),
  );
}
