import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** Sums of at most sixteen numbers in [−1, 1). */
export const tolerance = 2e-6;

/** Each window's dy in equal shares to its cells inside of the image. */
export function avgPoolGrad(dy: ArrayLike<number>, c: PoolCase): Float64Array {
  const dx = new Float64Array(sizeOf(c.shape));
  eachWindow(c, (cells, window) => {
    for (const cell of cells) dx[cell]! += dy[window]! / cells.length;
  });
  return dx;
}
