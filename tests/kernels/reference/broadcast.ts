import { build, placeOf } from '../support/moves.js';

/** One division. */
export const tolerance = 1e-7;

/** x / divisor, repeated to a shape. */
export function broadcast(
  x: ArrayLike<number>,
  shape: number[],
  to: number[],
  divisor: number,
): number[] {
  return build(to, (at) => {
    const from = at.map((index, axis) => (shape[axis] === 1 ? 0 : index));
    return x[placeOf(from, shape)]! / divisor;
  });
}
