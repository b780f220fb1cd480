import fc from 'fast-check';
import { expect, it } from 'vitest';
import { slice as kernel } from '../../src/kernels/moves/slice.js';
import { slice as reference } from './reference/slice.js';
import { runOnArena } from './support/arena.js';
import { anyShape, counted, describeMove } from './support/moves.js';

type Attrs = { begin: number[]; size: number[] };

const random = anyShape.chain((shape) =>
  fc
    .tuple(...shape.map((n) => fc.tuple(fc.nat(n), fc.nat(n))))
    .map((ends): readonly [number[], Attrs] => {
      const begin = ends.map(([a, b]) => Math.min(a, b));
      return [shape, { begin, size: ends.map(([a, b], axis) => Math.max(a, b) - begin[axis]!) }];
    }),
);

const cases: [number[], Attrs][] = [
  [[4, 6], { begin: [1, 2], size: [2, 3] }],
  [[3, 5], { begin: [0, 0], size: [0, 5] }],
  [[300, 200], { begin: [1, 1], size: [299, 150] }],
  [[20000, 3], { begin: [1, 1], size: [19999, 1] }],
  [[2, 3, 2, 3, 2, 3], { begin: [0, 1, 0, 1, 0, 1], size: [1, 2, 1, 2, 2, 2] }],
  ...[1, 3, 4, 5, 7, 8, 9, 39].map((n): [number[], Attrs] => [
    [3, n + 2],
    { begin: [0, 1], size: [3, n] },
  ]),
];

describeMove(kernel, cases, random, reference);

it('Slice refuses a part that is not inside of x', () => {
  const x = counted([4, 3]);
  expect(() => runOnArena(kernel, { x }, { begin: [1, 1], size: [10, 10] })).toThrow(
    'would overflow input.shape',
  );
});

it('Slice reaches to the end where the size is −1', () => {
  const [y] = runOnArena(kernel, { x: counted([2, 3]) }, { begin: [0, 1], size: [-1, -1] });
  expect(y!.shape).toEqual([2, 2]);
  expect([...y!.values]).toEqual([2, 3, 5, 6]);
});
