import { build, placeOf } from '../support/moves.js';

/** x several times along its axes. */
export function tile(
  x: ArrayLike<number>,
  shape: number[],
  { reps }: { reps: number[] },
): [number[], number[]] {
  const tiled = shape.map((n, axis) => n * reps[axis]!);
  const value = (at: number[]) =>
    x[
      placeOf(
        at.map((index, a) => index % shape[a]!),
        shape,
      )
    ]!;
  return [tiled, build(tiled, value)];
}
