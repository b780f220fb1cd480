import { type DepthwiseCase, eachProduct } from '../support/depthwise.js';

/** Sums of at most 25 products of numbers in [−1, 1). */
export const tolerance = 2e-6;

/** y = Σ x · filter over the products of the convolution. */
export function depthwiseConv2dNative(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  c: DepthwiseCase,
): Float64Array {
  const sums = new Float64Array(c.y.reduce((a, b) => a * b));
  eachProduct(c, (from, tap, to) => {
    sums[to]! += x[from]! * filter[tap]!;
  });
  return sums;
}
