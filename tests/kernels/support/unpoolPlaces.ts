import { noise } from '../../support/float64.js';
import { maxPoolWithArgmax } from '../reference/maxPoolWithArgmax.js';
import { type PoolCase, sizeOf } from './poolCases.js';

/** The places that pooling some image takes, every fifth of them moved out of its window or not. */
export function placesOf(c: PoolCase): Int32Array {
  const { indices } = maxPoolWithArgmax(noise(sizeOf(c.shape), 3), c, false);
  const image = sizeOf(c.shape.slice(1));
  return Int32Array.from(indices, (at, i) => (i % 5 === 4 ? ((at + 7) % image) - (i % 2) : at));
}
