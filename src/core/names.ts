const counts = new Map<string, number>();

/** A layer name that no other layer of ours has: `batch_norm_1`, `batch_norm_2`, … */
export function uniqueName(prefix: string): string {
  const count = (counts.get(prefix) ?? 0) + 1;
  counts.set(prefix, count);
  return `${prefix}_${count}`;
}
