import { build, placeOf } from '../support/moves.js';

/** x with a constant around it. */
export function padV2(
  x: ArrayLike<number>,
  shape: number[],
  { paddings, constantValue }: { paddings: [number, number][]; constantValue: number },
): [number[], number[]] {
  const padded = shape.map((n, axis) => paddings[axis]![0] + n + paddings[axis]![1]);
  const value = (at: number[]) => {
    const inside = at.map((index, axis) => index - paddings[axis]![0]);
    const outside = inside.some((index, axis) => index < 0 || index >= shape[axis]!);
    return outside ? constantValue : x[placeOf(inside, shape)]!;
  };
  return [padded, build(padded, value)];
}
