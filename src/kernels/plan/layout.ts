/** A block that is in use from one step of a program to another, both included. */
export interface Span {
  bytes: number;
  first: number;
  last: number;
}

const ALIGNMENT = 64;

/**
 * A place for each block in one piece of memory, so that blocks that are in use at the same time don't
 * overlap: offsets in bytes, and how many there are in all. The largest are placed first, each as low
 * as it can be.
 */
export function layout(spans: readonly Span[]): { offsets: number[]; bytes: number } {
  const offsets: number[] = new Array(spans.length).fill(0);
  const order = spans.map((_, i) => i).sort((a, b) => spans[b]!.bytes - spans[a]!.bytes);
  const placed: number[] = [];
  let most = 0;
  for (const i of order) {
    const { bytes, first, last } = spans[i]!;
    const rivals = placed
      .filter((j) => spans[j]!.first <= last && spans[j]!.last >= first)
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let at = 0;
    for (const j of rivals) {
      if (at + bytes <= offsets[j]!) break;
      at = Math.max(at, align(offsets[j]! + spans[j]!.bytes));
    }
    offsets[i] = at;
    placed.push(i);
    most = Math.max(most, at + bytes);
  }
  return { offsets, bytes: most };
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
