import fc from 'fast-check';

/** A shape and axes to reduce. */
export type Reduction = [shape: number[], axes: number[]];

const SIZES = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 39];

/** Sizes at the edges of vectors (4), rows (8), wide rows (64), chunks (4096) and blocks. */
export function reductions(): Reduction[] {
  const cases: Reduction[] = [
    [[], []],
    [[5], []],
    [[3, 1], [1]],
    [[3, 8200], [0]],
    [[2, 70, 4097], [1]],
    [[70000], [0]],
    [[9, 33000], [1]],
    [[33000, 3], [0]],
    [[2, 8200, 5], [1]],
    [
      [4, 5, 6, 7],
      [0, 2],
    ],
    [
      [4, 5, 6, 7],
      [1, 3],
    ],
    [
      [2, 3, 4, 5, 6],
      [0, 2, 4],
    ],
    [
      [600, 3, 40],
      [0, 2],
    ],
  ];
  for (const rows of SIZES) {
    for (const columns of SIZES) {
      cases.push([[rows, columns], [0]]);
      cases.push([[rows, columns], [1]]);
      cases.push([[2, rows, columns], [1]]);
    }
  }
  return cases;
}

/** Random shapes of rank 0 to 6 and axes. */
export const anyReduction: fc.Arbitrary<Reduction> = fc
  .array(fc.integer({ min: 1, max: 7 }), { maxLength: 6 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()])));
