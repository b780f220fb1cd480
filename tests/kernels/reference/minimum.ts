/** NaN where one is. */
export function minimum(a: number, b: number): number {
  return Math.min(a, b);
}
