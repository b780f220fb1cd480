import fc from 'fast-check';
import { reverse as kernel } from '../../src/kernels/moves/reverse.js';
import { reverse as reference } from './reference/reverse.js';
import { anyShape, describeMove } from './support/moves.js';

type Attrs = { dims: number[] };

const random = anyShape.chain((shape) =>
  fc
    .subarray([...shape.keys()], { minLength: 1 })
    .map((dims): readonly [number[], Attrs] => [shape, { dims }]),
);

const cases: [number[], Attrs][] = [
  [[4, 6], { dims: [1] }],
  [[0, 3], { dims: [0] }],
  [[3, 3, 5, 7], { dims: [0, 1] }],
  [[200, 130], { dims: [0] }],
  [[20000, 2], { dims: [0] }],
];

describeMove(kernel, cases, random, reference);
