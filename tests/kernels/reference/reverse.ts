import { build, placeOf } from '../support/moves.js';

/** x turned around along some axes. */
export function reverse(
  x: ArrayLike<number>,
  shape: number[],
  { dims }: { dims: number[] },
): [number[], number[]] {
  const turn = (index: number, axis: number) =>
    dims.includes(axis) ? shape[axis]! - 1 - index : index;
  return [shape, build(shape, (at) => x[placeOf(at.map(turn), shape)]!)];
}
