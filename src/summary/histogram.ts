import type { Histogram } from './messages.js';

// TensorBoard's buckets grow by 10 % from 1e-12 to 1e20, on both sides of 0
// (tensorflow/core/lib/histogram/histogram.cc).
const POSITIVE: number[] = [];
for (let limit = 1e-12; limit < 1e20; limit *= 1.1) POSITIVE.push(limit);
POSITIVE.push(Number.MAX_VALUE);
const LIMITS = [...POSITIVE.map((limit) => -limit).reverse(), 0, ...POSITIVE];
const ZERO = POSITIVE.length;
const LAST = LIMITS.length - 1;
const LOG_GROWTH = Math.log(1.1);

/**
 * The histogram of many numbers in TensorBoard's own buckets, and how many of them are NaN or
 * infinite: those have no bucket and count nowhere else in it.
 */
export function histogram(values: ArrayLike<number>): { histo: Histogram; nonfinite: number } {
  const buckets = new Float64Array(LIMITS.length);
  let [num, sum, squares, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    num++;
    sum += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
    buckets[bucketOf(value)]!++;
  }
  if (num === 0) [min, max] = [0, 0];
  const histo = { min, max, num, sum, sum_squares: squares, ...collapse(buckets) };
  return { histo, nonfinite: values.length - num };
}

/** The bucket of a value: the first whose limit lies above it (the last one, for the largest double). */
function bucketOf(value: number): number {
  const size = Math.abs(value);
  // The logarithm tells the place but for rounding; the loops settle it.
  const power = size < POSITIVE[0]! ? 0 : Math.floor(Math.log(size / POSITIVE[0]!) / LOG_GROWTH);
  let i = Math.min(Math.max(value < 0 ? ZERO - 1 - power : ZERO + 1 + power, 0), LAST);
  while (i > 0 && LIMITS[i - 1]! > value) i--;
  while (i < LAST && LIMITS[i]! <= value) i++;
  return i;
}

/** Makes one bucket of each run of empty ones, as TensorFlow does: a tenth of the size. */
function collapse(buckets: Float64Array): Required<Pick<Histogram, 'bucket_limit' | 'bucket'>> {
  const bucket_limit: number[] = [];
  const bucket: number[] = [];
  for (const [i, count] of buckets.entries()) {
    if (count === 0 && bucket.at(-1) === 0) bucket_limit.pop();
    else bucket.push(count);
    bucket_limit.push(LIMITS[i]!);
  }
  return { bucket_limit, bucket };
}
