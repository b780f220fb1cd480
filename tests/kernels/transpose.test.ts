import fc from 'fast-check';
import { transpose as kernel } from '../../src/kernels/moves/transpose.js';
import { transpose as reference } from './reference/transpose.js';
import { describeMove } from './support/moves.js';

type Attrs = { perm: number[] };

/** Rotations by one axis, which always move something: no size is 1. */
const random = fc
  .array(fc.integer({ min: 2, max: 5 }), { minLength: 2, maxLength: 6 })
  .chain((shape) =>
    fc
      .shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length })
      .filter((perm) => perm.some((axis, i) => axis !== i))
      .map((perm): readonly [number[], Attrs] => [shape, { perm }]),
  );

const SIZES = [2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 39];

const cases: [number[], Attrs][] = [
  [[4, 6], { perm: [1, 0] }],
  [[0, 3, 2], { perm: [1, 0, 2] }],
  [[3, 1, 5], { perm: [2, 1, 0] }],
  [[2, 9, 7, 5], { perm: [0, 3, 1, 2] }],
  [[2, 9, 7, 5], { perm: [3, 1, 2, 0] }],
  [[2, 9, 7, 5], { perm: [1, 2, 0, 3] }],
  [[33, 12, 16], { perm: [2, 1, 0] }],
  [[5, 6, 9, 3], { perm: [3, 1, 2, 0] }],
  [[7, 3, 8, 2, 5], { perm: [2, 4, 3, 1, 0] }],
  [[5, 70], { perm: [1, 0] }],
  [[33, 129], { perm: [1, 0] }],
  [[2, 3, 2, 3, 2, 3], { perm: [5, 3, 1, 0, 2, 4] }],
  ...SIZES.flatMap((n) => SIZES.map((m): [number[], Attrs] => [[n, m], { perm: [1, 0] }])),
];

describeMove(kernel, cases, random, reference);
