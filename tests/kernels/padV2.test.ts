import fc from 'fast-check';
import { padV2 as kernel } from '../../src/kernels/moves/padV2.js';
import { padV2 as reference } from './reference/padV2.js';
import { anyShape, describeMove } from './support/moves.js';

type Attrs = { paddings: [number, number][]; constantValue: number };

const random = anyShape.chain((shape) =>
  fc
    .record({
      paddings: fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))),
      constantValue: fc.constantFrom(0, -7),
    })
    .map((attrs): readonly [number[], Attrs] => [shape, attrs]),
);

const cases: [number[], Attrs][] = [
  [
    [4, 6],
    {
      paddings: [
        [1, 2],
        [0, 1],
      ],
      constantValue: 3,
    },
  ],
  [
    [0, 2],
    {
      paddings: [
        [1, 1],
        [1, 0],
      ],
      constantValue: 5,
    },
  ],
  [
    [0, 2],
    {
      paddings: [
        [0, 0],
        [1, 0],
      ],
      constantValue: 5,
    },
  ],
  [[3], { paddings: [[0, 0]], constantValue: 0 }],
  [
    [2, 5, 6, 3],
    {
      paddings: [
        [0, 0],
        [1, 1],
        [2, 0],
        [0, 0],
      ],
      constantValue: 0,
    },
  ],
  [
    [150, 150],
    {
      paddings: [
        [1, 0],
        [0, 7],
      ],
      constantValue: 0,
    },
  ],
];

describeMove(kernel, cases, random, reference);
