import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** dy at the place of each window, 0 where that is not one of its cells. Exact. */
export function maxUnpoolGrad(
  dy: ArrayLike<number>,
  indices: ArrayLike<number>,
  c: PoolCase,
): Float64Array {
  const image = sizeOf(c.shape.slice(1));
  const dx = new Float64Array(sizeOf(c.out));
  eachWindow(c, (cells, window) => {
    const cell = cells.find((at) => at % image === indices[window]);
    if (cell !== undefined) dx[window] = dy[cell]!;
  });
  return dx;
}
