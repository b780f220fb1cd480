import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** A mean of at most sixteen numbers in [−1, 1). */
export const tolerance = 1e-6;

/** The mean of each window's cells inside of the image; 0 of an empty one. */
export function avgPool(x: ArrayLike<number>, c: PoolCase): Float64Array {
  const y = new Float64Array(sizeOf(c.out));
  eachWindow(c, (cells, window) => {
    for (const cell of cells) y[window]! += x[cell]! / cells.length;
  });
  return y;
}
