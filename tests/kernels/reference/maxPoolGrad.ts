import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** Sums of at most sixteen numbers in [−1, 1). */
export const tolerance = 1e-6;

/** Each window's dy goes to its first maximum. */
export function maxPoolGrad(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  c: PoolCase,
): Float64Array {
  const dx = new Float64Array(sizeOf(c.shape));
  eachWindow(c, (cells, window) => {
    const most = Math.max(...cells.map((cell) => x[cell]!));
    const first = cells.find((cell) => x[cell] === most);
    if (first !== undefined) dx[first]! += dy[window]!;
  });
  return dx;
}
