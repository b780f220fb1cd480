import { build, placeOf } from '../support/moves.js';

/** Every stride-th element from `begin`, up to `end` excluded, which may be −1 for a negative stride. */
export function stridedSlice(
  x: ArrayLike<number>,
  shape: number[],
  { begin, end, strides }: { begin: number[]; end: number[]; strides: number[] },
): [number[], number[]] {
  const size = strides.map((stride, axis) => {
    return Math.max(0, Math.ceil((end[axis]! - begin[axis]!) / stride));
  });
  const value = (at: number[]) => {
    return x[
      placeOf(
        at.map((index, axis) => begin[axis]! + index * strides[axis]!),
        shape,
      )
    ]!;
  };
  return [size, build(size, value)];
}
