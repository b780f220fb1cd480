import type { AdamStep } from '../../../src/kernels/optimizers/adam.js';

/** A few rounded operations on an element; the root and the division are exact to half a unit. */
export const tolerance = 5e-7;

export function adam(
  [value, gradient, m, v]: ArrayLike<number>[],
  { beta1, beta2, epsilon, rate, correction, keep }: AdamStep,
): Float64Array[] {
  const newM = Float64Array.from(m!, (old, i) => beta1 * old + (1 - beta1) * gradient![i]!);
  const newV = Float64Array.from(v!, (old, i) => beta2 * old + (1 - beta2) * gradient![i]! ** 2);
  const newValue = Float64Array.from(value!, (x, i) => {
    return x * keep - (rate * newM[i]!) / (Math.sqrt(newV[i]! * correction) + epsilon);
  });
  return [newValue, newM, newV];
}
