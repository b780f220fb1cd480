import fc from 'fast-check';
import { tile as kernel } from '../../src/kernels/moves/tile.js';
import { tile as reference } from './reference/tile.js';
import { anyShape, describeMove } from './support/moves.js';

type Attrs = { reps: number[] };

const random = anyShape.chain((shape) =>
  fc
    .tuple(...shape.map(() => fc.integer({ min: 1, max: 3 })))
    .map((reps): readonly [number[], Attrs] => [shape, { reps }]),
);

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 31, 39, 127, 128, 129];

const cases: [number[], Attrs][] = [
  [[4, 6], { reps: [2, 1] }],
  [[2, 3], { reps: [0, 2] }],
  [[0, 3], { reps: [2, 2] }],
  [[3], { reps: [1] }],
  [[1, 1, 1, 16], { reps: [8, 9, 10, 1] }],
  [[5, 1, 1, 3], { reps: [1, 9, 10, 1] }],
  [[1, 7], { reps: [5000, 1] }],
  [[9, 1], { reps: [1, 20000] }],
  [[3, 9000], { reps: [3, 2] }],
  ...SIZES.flatMap((n): [number[], Attrs][] => [
    [[3, n], { reps: [1, n] }],
    [[n, 3], { reps: [n, 1] }],
    [[2, 1, n], { reps: [1, 17, 1] }],
  ]),
];

describeMove(kernel, cases, random, reference);
