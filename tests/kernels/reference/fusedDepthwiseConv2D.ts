import type { DepthwiseCase } from '../support/depthwise.js';
import { depthwiseConv2dNative, tolerance } from './depthwiseConv2dNative.js';

export { tolerance };

export const BOUNDS = {
  linear: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
} as const;

/** y = the convolution + bias, clipped; NaN stays NaN. */
export function fusedDepthwiseConv2D(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  bias: ArrayLike<number>,
  activation: keyof typeof BOUNDS,
  c: DepthwiseCase,
): Float64Array {
  const [low, high] = BOUNDS[activation];
  return depthwiseConv2dNative(x, filter, c).map((sum, i) =>
    Math.min(Math.max(sum + bias[i % bias.length]!, low), high),
  );
}
