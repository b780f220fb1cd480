/** What the scalars of a summary say of many numbers; a NaN among them makes all but the last NaN. */
export interface Moments {
  mean: number;
  /** The population's: the root of the mean squared distance from the mean. */
  stddev: number;
  min: number;
  max: number;
  /** The share of values that are exactly 0. */
  zeroFraction: number;
}

/** The moments and the extremes of many numbers, in float64; NaN when there is none. */
export function moments(values: ArrayLike<number>): Moments {
  const count = values.length;
  let [sum, zeros, min, max] = [0, 0, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    sum += value;
    if (value === 0) zeros++;
    // Math.min and Math.max hand a NaN on.
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
  const stddev = Math.sqrt(squares / count);
  if (count === 0) [min, max] = [Number.NaN, Number.NaN];
  return { mean, stddev, min, max, zeroFraction: zeros / count };
}
