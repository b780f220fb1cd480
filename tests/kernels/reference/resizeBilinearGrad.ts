import { eachWeight, type Resize } from '../support/resize64.js';

/** Sums of at most a few dozen numbers in [−1, 1). */
export const tolerance = 2e-6;

/** Every weight of the resize, times dy, at the pixel that it is taken from. */
export function resizeBilinearGrad(
  dy: ArrayLike<number>,
  shape: number[],
  size: [number, number],
  grid: Omit<Resize, 'nearest'>,
): Float64Array {
  const dx = new Float64Array(shape.reduce((a, b) => a * b, 1));
  eachWeight(shape, size, { ...grid, nearest: false }, (x, y, weight) => {
    dx[x]! += weight * dy[y]!;
  });
  return dx;
}
