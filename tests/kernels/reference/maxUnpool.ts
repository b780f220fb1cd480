import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** The sum of the values whose windows have the place; nothing of those with a place outside. Exact to 1e-6. */
export function maxUnpool(
  x: ArrayLike<number>,
  indices: ArrayLike<number>,
  c: PoolCase,
): Float64Array {
  const image = sizeOf(c.shape.slice(1));
  const y = new Float64Array(sizeOf(c.shape));
  eachWindow(c, (cells, window) => {
    const cell = cells.find((at) => at % image === indices[window]);
    if (cell !== undefined) y[cell]! += x[window]!;
  });
  return y;
}
