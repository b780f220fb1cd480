import type { PoolCase } from '../support/poolCases.js';
import { maxPoolWithArgmax } from './maxPoolWithArgmax.js';

/** The maximum of each window; −∞ of an empty one. */
export function maxPool(x: ArrayLike<number>, c: PoolCase): Float64Array {
  return maxPoolWithArgmax(x, c, true).pooled;
}
