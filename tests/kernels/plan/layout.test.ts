import { expect, it } from 'vitest';
import { layout, type Span } from '../../../src/kernels/plan/layout.js';
import { noise } from '../../support/float64.js';

it('blocks that are in use at the same time do not overlap, and start on cache lines', () => {
  const numbers = noise(600, 3).map((x) => Math.abs(x));
  const spans: Span[] = Array.from({ length: 200 }, (_, i) => {
    const first = Math.floor(numbers[i]! * 50);
    const last = first + Math.floor(numbers[200 + i]! * 8);
    return { bytes: Math.floor(numbers[400 + i]! * 5000), first, last };
  });
  const { offsets, bytes } = layout(spans);
  for (const [i, a] of spans.entries()) {
    expect(offsets[i]! % 64).toBe(0);
    expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
    for (const [j, b] of spans.slice(0, i).entries()) {
      const together = a.first <= b.last && b.first <= a.last;
      const apart = offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!;
      expect(!together || apart || a.bytes * b.bytes === 0, `${i} and ${j}`).toBe(true);
    }
  }
  expect(bytes).toBeLessThan(spans.reduce((sum, span) => sum + span.bytes, 0) / 3);
});

it('a chain takes the room of its two largest neighbours', () => {
  const chain = [640, 64, 128, 1280, 64].map((bytes, i) => ({ bytes, first: i, last: i + 1 }));
  expect(layout(chain).bytes).toBe(1280 + 128);
});
