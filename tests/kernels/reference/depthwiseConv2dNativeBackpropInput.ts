import { type DepthwiseCase, eachProduct } from '../support/depthwise.js';

/** Sums of at most 75 products of numbers in [−1, 1). */
export const tolerance = 2e-6;

/** dx[x] = Σ dy[y] · filter[tap] over the products of the convolution. */
export function depthwiseConv2dNativeBackpropInput(
  dy: ArrayLike<number>,
  filter: ArrayLike<number>,
  c: DepthwiseCase,
): Float64Array {
  const dx = new Float64Array(c.x.reduce((a, b) => a * b));
  eachProduct(c, (x, tap, y) => {
    dx[x]! += dy[y]! * filter[tap]!;
  });
  return dx;
}
