/** x kept within bounds; NaN stays NaN. */
export function clipByValue(x: ArrayLike<number>, low: number, high: number): number[] {
  return Array.from(x, (value) => Math.max(low, Math.min(high, value)));
}
