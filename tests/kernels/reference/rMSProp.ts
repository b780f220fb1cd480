import type { RMSPropStep } from '../../../src/kernels/optimizers/rMSProp.js';

/** A few rounded operations on an element; centred, the difference under the root loses a digit. */
export const tolerance = 3e-6;

export function rMSProp(
  [value, gradient, square, accumulation, mean]: ArrayLike<number>[],
  { decay, momentum, epsilon, rate }: RMSPropStep,
): Float64Array[] {
  const average = (old: ArrayLike<number>, power: number) =>
    Float64Array.from(old, (o, i) => decay * o + (1 - decay) * gradient![i]! ** power);
  const newSquare = average(square!, 2);
  const newMean = mean && average(mean, 1);
  const next = Float64Array.from(accumulation!, (a, i) => {
    const spread = newSquare[i]! - (newMean ? newMean[i]! ** 2 : 0);
    return momentum * a + (rate * gradient![i]!) / Math.sqrt(spread + epsilon);
  });
  const newValue = Float64Array.from(value!, (x, i) => x - next[i]!);
  return [newValue, newSquare, next, ...(newMean ? [newMean] : [])];
}
