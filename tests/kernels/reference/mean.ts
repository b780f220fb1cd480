import { sum } from './sum.js';

/** As of sums; a mean of numbers in [−1, 1) is below 1. */
export const tolerance = 1e-6;

/** The mean over axes. */
export function mean(x: ArrayLike<number>, shape: number[], axes: number[]): Float64Array {
  const count = axes.reduce((n, axis) => n * shape[axis]!, 1);
  return sum(x, shape, axes).map((value) => value / count);
}
