import { describe, expect, it } from 'vitest';
import { unsortedSegmentSum as kernel } from '../../src/kernels/reductions/unsortedSegmentSum.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { unsortedSegmentSum as reference, tolerance } from './reference/unsortedSegmentSum.js';
import { runOnArena } from './support/arena.js';
import { runComposed } from './support/composed.js';

const ids = (values: ArrayLike<number>) => ({
  ...{ shape: [values.length], values },
  dtype: 'int32' as const,
});

describe('UnsortedSegmentSum', () => {
  it('agrees with float64 loops, leaves out ids outside of the segments', async () => {
    for (const inner of [1, 3, 4, 5, 8, 9, 39, 255, 256, 257, 513]) {
      for (const rows of [1, 2, 17]) {
        const segments = 5;
        const segmentIds = noise(rows, 2).map((v) => Math.floor(v * 5) + 1);
        const x = { shape: [rows, inner], values: noise(rows * inner, 1) };
        for (const last of ['x', 'segmentIds']) {
          const inputs = { x, segmentIds: ids(segmentIds) };
          const [sums] = runOnArena(kernel, inputs, { numSegments: segments }, last);
          expect(sums!.shape).toEqual([segments, inner]);
          const expected = reference(x.values, segmentIds, segments);
          await expectClose(sums!.values, expected, { tolerance });
        }
      }
    }
  });

  it('composed of stock kernels, agrees with float64 loops', async () => {
    const segmentIds = [0, 4, -1, 2, 9, 4];
    const x = { shape: [6, 3], values: noise(18, 1) };
    const inputs = { x, segmentIds: ids(segmentIds) };
    const [sums] = await runComposed(kernel, inputs, { numSegments: 5 });
    expect(sums!.shape).toEqual([5, 3]);
    await expectClose(sums!.values, reference(x.values, segmentIds, 5), { tolerance });
  });

  it('sums integers, and is zero for no rows', () => {
    const x = { shape: [3], values: [1, 2, 3], dtype: 'int32' as const };
    const [sums] = runOnArena(kernel, { x, segmentIds: ids([1, 0, 1]) }, { numSegments: 2 });
    expect([...new Int32Array(sums!.values.buffer)]).toEqual([2, 4]);
    const empty = { shape: [0, 2], values: [] };
    const [none] = runOnArena(kernel, { x: empty, segmentIds: ids([]) }, { numSegments: 2 });
    expect([...none!.values]).toEqual([0, 0, 0, 0]);
  });

  it('keeps NaN and infinity', () => {
    const x = { shape: [2], values: [Number.NaN, Number.POSITIVE_INFINITY] };
    const [sums] = runOnArena(kernel, { x, segmentIds: ids([0, 1]) }, { numSegments: 2 });
    expect([...sums!.values]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it('refuses ids of another number or type', () => {
    const x = { shape: [2, 1], values: [1, 2] };
    expect(() => runOnArena(kernel, { x, segmentIds: ids([0]) }, { numSegments: 2 })).toThrow(
      'UnsortedSegmentSum: segmentIds must have an id for each of the 2 rows, got shape [1]',
    );
    const floats = { shape: [2], values: [0, 1] };
    expect(() => runOnArena(kernel, { x, segmentIds: floats }, { numSegments: 2 })).toThrow(
      'UnsortedSegmentSum: x must be float32 or int32 and segmentIds int32, got float32 and float32',
    );
  });
});
