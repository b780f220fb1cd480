/**
 * Along one axis, the input positions `offset`, `offset + stride`, … (`count` of them). They meet the
 * taps `firstTap`, `firstTap − stride`, … (`taps` of them), and the window of the first position
 * starts at position `start` of dy.
 */
export interface Phase {
  offset: number;
  count: number;
  taps: number;
  firstTap: number;
  start: number;
}

/**
 * An input position i gets dy[(i + pad − tap) / stride] · w[tap] from each tap for which that is
 * whole. For positions of equal i mod stride these are the same taps, so that each such phase is a
 * plain convolution of dy with a part of the filter, reversed.
 */
export function phasesOf(length: number, kernel: number, stride: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, length) }, (_, offset) => {
    const lowest = (offset + pad) % stride;
    const taps = Math.max(0, Math.ceil((kernel - lowest) / stride));
    const firstTap = lowest + stride * (taps - 1);
    const count = Math.ceil((length - offset) / stride);
    return { offset, count, taps, firstTap, start: (offset + pad - firstTap) / stride };
  });
}
