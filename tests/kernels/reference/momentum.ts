import type { MomentumStep } from '../../../src/kernels/optimizers/momentum.js';

/** A few rounded operations on an element. */
export const tolerance = 3e-7;

export function momentum(
  [value, gradient, accumulation]: ArrayLike<number>[],
  { momentum, rate, nesterov }: MomentumStep,
): Float64Array[] {
  if (!accumulation) return [Float64Array.from(value!, (x, i) => x - rate * gradient![i]!)];
  const next = Float64Array.from(accumulation, (a, i) => momentum * a + gradient![i]!);
  const newValue = Float64Array.from(value!, (x, i) => {
    return x - rate * (nesterov ? gradient![i]! + momentum * next[i]! : next[i]!);
  });
  return [newValue, next];
}
