import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SummaryWriter } from '../../src/summary/index.js';
import type { Histogram } from '../../src/summary/messages.js';
import { byTag } from '../support/eventLog.js';
import { noise } from '../support/float64.js';
import { memorySink } from '../support/memorySink.js';

// The limits as TensorFlow's histogram.cc makes them, by repeated multiplication.
const positive: number[] = [];
for (let v = 1e-12; v < 1e20; v *= 1.1) positive.push(v);
positive.push(Number.MAX_VALUE);
const limits = [...positive.map((v) => -v).reverse(), 0, ...positive];

async function written(values: ArrayLike<number>): Promise<Required<Histogram>> {
  const sink = memorySink();
  const writer = new SummaryWriter(sink);
  await writer.histogram('h', values, 0);
  await writer.close();
  return byTag(sink.bytes()).h![0]!.histo as Required<Histogram>;
}

/** How many values each bucket holds, by the definition: the first limit above the value. */
function counts(values: ArrayLike<number>): Map<number, number> {
  const found = new Map<number, number>();
  for (const value of Array.from(values)) {
    const limit = limits.find((l) => l > value) ?? Number.MAX_VALUE;
    found.set(limit, (found.get(limit) ?? 0) + 1);
  }
  return found;
}

function nonEmpty({ bucket, bucket_limit }: Required<Histogram>): Map<number, number> {
  const pairs = bucket_limit.map((limit, i): [number, number] => [limit, bucket[i]!]);
  return new Map(pairs.filter(([, count]) => count > 0));
}

const sorted = (map: Map<number, number>) => [...map].sort(([a], [b]) => a - b);

describe('histogram', () => {
  it("counts each value in the first of TensorBoard's buckets whose limit lies above it", async () => {
    const values = Array.from(noise(500), (v) => v * 10);
    expect(sorted(nonEmpty(await written(values)))).toEqual(sorted(counts(values)));
  });

  it('puts every limit itself, and both its neighbours, in the right bucket', async () => {
    const near = limits.flatMap((l) => [l, l * (1 + 2e-16), l * (1 - 2e-16)]);
    const values = near.filter(Number.isFinite);
    expect(sorted(nonEmpty(await written(values)))).toEqual(sorted(counts(values)));
  });

  it('does so for any doubles', async () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(double, { minLength: 1, maxLength: 20 }), async (values) => {
        expect(sorted(nonEmpty(await written(values)))).toEqual(sorted(counts(values)));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('keeps min, max, number, sum and sum of squares', async () => {
    expect(await written([-1, 0.5, 4])).toMatchObject({
      min: -1,
      max: 4,
      num: 3,
      sum: 3.5,
      sum_squares: 17.25,
    });
  });

  it('makes one bucket of neighbouring empty ones, and ends at the largest double', async () => {
    const { bucket, bucket_limit } = await written([1, 1]);
    expect(bucket).toEqual([0, 2, 0]);
    expect(bucket_limit[0]).toBeLessThanOrEqual(1);
    expect(bucket_limit[1]).toBeGreaterThan(1);
    expect(bucket_limit[2]).toBe(Number.MAX_VALUE);
  });

  it('of nothing holds nothing', async () => {
    expect(await written([])).toMatchObject({ num: 0, bucket: [0], min: 0, max: 0 });
  });

  it('leaves NaN and infinities out and writes how many there were', async () => {
    const sink = memorySink();
    const writer = new SummaryWriter(sink);
    await writer.histogram('h', [1, Number.NaN, Infinity, -Infinity, 2], 7);
    await writer.histogram('h', [1, 2], 8);
    await writer.close();
    const { h, 'h/nonfinite': nonfinite } = byTag(sink.bytes());
    expect(h![0]!.histo).toMatchObject({ num: 2, min: 1, max: 2, sum: 3 });
    expect(nonfinite).toEqual([expect.objectContaining({ step: 7, simple_value: 3 })]);
  });
});
