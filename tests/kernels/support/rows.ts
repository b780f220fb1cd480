/** [m, c] at the edges of vectors, of wide rows (64 floats and more) and of slices (32768 floats). */
export const ROWS_AND_CHANNELS: [number, number][] = [
  ...[1, 3, 4, 5, 8, 9, 20, 63, 64, 65].flatMap((c): [number, number][] => [
    [1, c],
    [2, c],
    [33, c],
  ]),
  ...[15, 16, 17, 65].map((m): [number, number] => [m, 4]),
  [4095, 8],
  [4096, 8],
  [4097, 8],
  [9219, 7],
  [3, 2048],
];

/** m rows of c channels, as a matrix or, where m is even, as something of rank 4. */
export function shapeOf(m: number, c: number): number[] {
  return m % 2 === 0 ? [2, 1, m / 2, c] : [m, c];
}
