/** Zero: values are stored, not computed. */
export const tolerance = 0;

/** A row of `depth` for each index. */
export function oneHot(
  indices: ArrayLike<number>,
  { depth, onValue, offValue }: { depth: number; onValue: number; offValue: number },
): number[] {
  return Array.from(indices).flatMap((index) =>
    Array.from({ length: depth }, (_, i) => (i === index ? onValue : offValue)),
  );
}
