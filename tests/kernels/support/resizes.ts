/** A shape, a size and a grid. */
export interface ResizeCase {
  shape: number[];
  size: [number, number];
  grid: { alignCorners: boolean; halfPixelCenters: boolean };
}

/** Every grid, up and down, by whole and fractional factors, channels at the edges of a vector. */
export function resizes(): ResizeCase[] {
  const grids = [
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ];
  const sizes: [number, number][] = [
    [1, 1],
    [2, 3],
    [3, 4],
    [5, 7],
    [6, 8],
    [9, 13],
  ];
  return grids.flatMap((grid) => [
    ...sizes.map((size) => ({ shape: [2, 3, 4, 5], size, grid })),
    ...sizes.map((size) => ({ shape: [1, 1, 2, 4], size, grid })),
    ...[1, 2, 5].map((n): ResizeCase => ({ shape: [1, n, 1, 5], size: [2 * n, 2], grid })),
    ...[1, 3, 4, 7, 8, 9, 39].flatMap((channels): ResizeCase[] => [
      { shape: [2, 4, 3, channels], size: [7, 6], grid },
      { shape: [2, 4, 3, channels], size: [8, 6], grid },
    ]),
  ]);
}
