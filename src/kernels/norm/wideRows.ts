/** Floats of a slice, about: it stays in the second-level cache. */
const SLICE = 32768;

/**
 * How `[m, c]` is read as rows of `wide` floats, a multiple of c and of 4, and cut into slices of
 * `sliceRows` such rows. See assembly/batchNorm.ts.
 */
export function wideRows(rows: number, channels: number) {
  const count = rows * channels;
  const unit = channels % 4 === 0 ? channels : channels % 2 === 0 ? channels * 2 : channels * 4;
  const wide = unit * Math.ceil(64 / unit);
  const sliceRows = Math.max(1, Math.round(SLICE / wide));
  return { count, wide, sliceRows, slices: Math.ceil(count / (wide * sliceRows)) };
}
