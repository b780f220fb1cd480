import { build, placeOf } from '../support/moves.js';

/** Tensors one after the other along an axis. */
export function concat(
  inputs: { shape: number[]; values: ArrayLike<number> }[],
  axis: number,
): [number[], number[]] {
  const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = inputs[0]!.shape.map((n, a) => (a === axis ? total : n));
  const value = (at: number[]) => {
    let index = at[axis]!;
    for (const part of inputs) {
      if (index < part.shape[axis]!) {
        const inside = at.map((i, a) => (a === axis ? index : i));
        return part.values[placeOf(inside, part.shape)]!;
      }
      index -= part.shape[axis]!;
    }
    throw new Error('not reached');
  };
  return [shape, build(shape, value)];
}
