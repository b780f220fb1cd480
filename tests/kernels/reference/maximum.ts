/** NaN where one is. */
export function maximum(a: number, b: number): number {
  return Math.max(a, b);
}
