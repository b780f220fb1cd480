import { build, placeOf } from '../support/moves.js';

/** The part of the given size that starts at `begin`. */
export function slice(
  x: ArrayLike<number>,
  shape: number[],
  { begin, size }: { begin: number[]; size: number[] },
): [number[], number[]] {
  const value = (at: number[]) =>
    x[
      placeOf(
        at.map((index, axis) => index + begin[axis]!),
        shape,
      )
    ]!;
  return [size, build(size, value)];
}
