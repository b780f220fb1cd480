import { type DepthwiseCase, eachProduct } from '../support/depthwise.js';

/** Sums of a few hundred products of numbers in [−1, 1), relative to the largest. */
export const tolerance = 3e-6;

/** dw[tap] = Σ x[x] · dy[y] over the products of the convolution. */
export function depthwiseConv2dNativeBackpropFilter(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  c: DepthwiseCase,
): Float64Array {
  const dw = new Float64Array(c.filter.reduce((a, b) => a * b));
  eachProduct(c, (from, tap, y) => {
    dw[tap]! += x[from]! * dy[y]!;
  });
  return dw;
}
