import type { ActivationGradAttrs } from '../../../src/kernels/elementwise/activationGrad.js';

/** A few rounded operations on an element. */
export const tolerance = 3e-7;

/** The slope of an activation at its input, or by its output for elu, sigmoid and tanh. */
const SLOPES: Record<ActivationGradAttrs['of'], (value: number, alpha: number) => number> = {
  relu: (x) => (x > 0 ? 1 : 0),
  relu6: (x) => (x > 0 && x <= 6 ? 1 : 0),
  leakyRelu: (x, alpha) => (x > 0 ? 1 : alpha),
  elu: (y) => (y < 0 ? y + 1 : 1),
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  square: (x) => 2 * x,
};

export const ACTIVATIONS = Object.keys(SLOPES) as ActivationGradAttrs['of'][];

export function activationGrad(
  value: ArrayLike<number>,
  dy: ArrayLike<number>,
  { of, alpha = 0 }: ActivationGradAttrs,
): Float64Array {
  return Float64Array.from(value, (v, i) => dy[i]! * SLOPES[of](v, Math.fround(alpha)));
}
