/** Sums of a few dozen numbers in [−1, 1). */
export const tolerance = 2e-6;

/** Sums of rows by segment. */
export function unsortedSegmentSum(
  x: ArrayLike<number>,
  ids: ArrayLike<number>,
  segments: number,
): Float64Array {
  const inner = ids.length > 0 ? x.length / ids.length : 0;
  const sums = new Float64Array(segments * inner);
  for (let i = 0; i < x.length; i++) {
    const segment = ids[Math.floor(i / inner)]!;
    if (segment >= 0 && segment < segments) sums[segment * inner + (i % inner)]! += x[i]!;
  }
  return sums;
}
