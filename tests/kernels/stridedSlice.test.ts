import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stridedSlice as kernel } from '../../src/kernels/moves/stridedSlice.js';
import { stridedSlice as reference } from './reference/stridedSlice.js';
import { runOnArena } from './support/arena.js';
import { anyShape, counted, describeMove } from './support/moves.js';

const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
type Attrs = { begin: number[]; end: number[]; strides: number[] } & typeof masks;

const attrs = (begin: number[], end: number[], strides: number[]): Attrs => {
  return { begin, end, strides, ...masks };
};

// One stride is never 1, so that no case is the whole of x, which stock returns as it is.
const random = anyShape.chain((shape) =>
  fc
    .tuple(...shape.map((n) => fc.tuple(fc.nat(n - 1), fc.nat(n), fc.integer({ min: 1, max: 3 }))))
    .map((ends): readonly [number[], Attrs] => {
      const strides = ends.map(([, , stride], axis) => (axis === 0 ? stride + 1 : stride));
      return [
        shape,
        attrs(
          ends.map(([a]) => a),
          ends.map(([, b]) => b),
          strides,
        ),
      ];
    }),
);

const cases: [number[], Attrs][] = [
  [[4, 6], attrs([1, 0], [4, 5], [1, 2])],
  [[9, 8, 16], attrs([0, 0, 0], [9, 8, 16], [2, 2, 1])],
  [[300, 201], attrs([0, 0], [300, 201], [2, 1])],
  [[5, 5, 5, 5, 5], attrs([0, 1, 0, 1, 0], [5, 5, 5, 5, 5], [2, 2, 2, 2, 2])],
];

describeMove(kernel, cases, random, reference);

it('StridedSlice goes backwards with a negative stride', () => {
  const x = counted([5]);
  const back = { ...attrs([-1], [0], [-2]), endMask: 1 };
  expect([...runOnArena(kernel, { x }, back)[0]!.values]).toEqual([5, 3, 1]);
});

it('StridedSlice adds and drops axes as the masks say', () => {
  const x = counted([3, 4]);
  const dropped = { ...attrs([1, 0], [2, 4], [1, 2]), shrinkAxisMask: 1 };
  const [y] = runOnArena(kernel, { x }, dropped);
  expect(y!.shape).toEqual([2]);
  expect([...y!.values]).toEqual([5, 7]);
});
