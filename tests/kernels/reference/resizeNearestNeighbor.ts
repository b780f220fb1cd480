import { type Resize, resize64 } from '../support/resize64.js';

/** A few rounded operations; positions are exact. */
export const tolerance = 1e-6;

/** The resized images. */
export function resizeNearestNeighbor(
  x: ArrayLike<number>,
  shape: number[],
  size: [number, number],
  grid: Omit<Resize, 'nearest'>,
): Float64Array {
  return resize64(x, shape, size, { ...grid, nearest: true });
}
