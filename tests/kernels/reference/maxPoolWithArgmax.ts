import { eachWindow, type PoolCase, sizeOf } from '../support/poolCases.js';

/** The maximum of each window and the place of its first cell that holds it; the first NaN where there is one. */
export function maxPoolWithArgmax(
  x: ArrayLike<number>,
  c: PoolCase,
  withBatch: boolean,
): { pooled: Float64Array; indices: number[] } {
  const pooled = new Float64Array(sizeOf(c.out)).fill(Number.NEGATIVE_INFINITY);
  const indices = Array<number>(sizeOf(c.out)).fill(0);
  const image = sizeOf(c.shape.slice(1));
  eachWindow(c, (cells, window) => {
    const values = cells.map((cell) => x[cell]!);
    const most = Math.max(...values);
    const place = cells[values.findIndex((value) => Object.is(value, most) || value === most)];
    pooled[window] = most;
    if (place !== undefined) indices[window] = withBatch ? place : place % image;
  });
  return { pooled, indices };
}
