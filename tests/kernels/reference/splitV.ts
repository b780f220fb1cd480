import { slice } from './slice.js';

/** The parts of the given sizes along an axis. */
export function splitV(
  x: ArrayLike<number>,
  shape: number[],
  sizes: number[],
  axis: number,
): [number[], number[]][] {
  let start = 0;
  return sizes.map((size) => {
    const begin = shape.map((_, a) => (a === axis ? start : 0));
    start += size;
    return slice(x, shape, { begin, size: shape.map((n, a) => (a === axis ? size : n)) });
  });
}
