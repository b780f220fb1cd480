import { build, placeOf } from '../support/moves.js';

/** x with its axes in another order: axis k of the result is axis perm[k] of x. */
export function transpose(
  x: ArrayLike<number>,
  shape: number[],
  { perm }: { perm: number[] },
): [number[], number[]] {
  const turned = perm.map((axis) => shape[axis]!);
  const value = (at: number[]) => {
    const from = shape.map((_, axis) => at[perm.indexOf(axis)]!);
    return x[placeOf(from, shape)]!;
  };
  return [turned, build(turned, value)];
}
