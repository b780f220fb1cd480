import { describe, expect, it } from 'vitest';
import { maxPoolWithArgmax as kernel } from '../../src/kernels/pooling/maxPoolWithArgmax.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { maxPoolWithArgmax as reference } from './reference/maxPoolWithArgmax.js';
import { runOnArena } from './support/arena.js';
import { poolCase, poolCases, sizeOf } from './support/poolCases.js';

function run(values: Float64Array, c: ReturnType<typeof poolCase>, includeBatchInIndex: boolean) {
  const attrs = { ...c.attrs, includeBatchInIndex };
  const [pooled, places] = runOnArena(kernel, { x: { shape: c.shape, values } }, attrs);
  return { pooled: pooled!, indices: [...new Int32Array(places!.values.buffer)] };
}

describe('MaxPoolWithArgmax', () => {
  it('is exact, reads and writes nothing outside of its tensors', async () => {
    for (const c of poolCases().filter(({ title }) => !title.includes('1×1'))) {
      const x = noise(sizeOf(c.shape), 1);
      for (const withBatch of [false, true]) {
        const { pooled, indices } = run(x, c, withBatch);
        const expected = reference(x, c, withBatch);
        expect(pooled.shape, c.title).toEqual(c.out);
        await expectClose(pooled.values, expected.pooled, { tolerance: 0 });
        expect(indices, c.title).toEqual(expected.indices);
      }
    }
  });

  it('takes the first of equal cells, also where none is above 0', () => {
    const c = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    for (const values of [
      [-1, -1, -1, -1],
      [-2, 0, 0, -1],
      [3, 7, 7, 7],
    ]) {
      const { pooled, indices } = run(Float64Array.from(values), c, false);
      expect(pooled.values[0]).toBe(Math.max(...values));
      expect(indices).toEqual([values.indexOf(Math.max(...values))]);
    }
  });

  it('keeps NaN, and points at the first', () => {
    const c = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    const { pooled, indices } = run(Float64Array.of(1, Number.NaN, 9, Number.NaN), c, false);
    expect(pooled.values[0]).toBe(Number.NaN);
    expect(indices).toEqual([1]);
  });

  it('keeps NaN wherever it is, and infinities', async () => {
    const c = poolCase([1, 4, 7, 5], [2, 2], [2, 2], 'same');
    for (let i = 0; i < sizeOf(c.shape); i++) {
      const x = noise(sizeOf(c.shape), 1);
      x[i] = Number.NaN;
      x[(i + 40) % x.length] = Number.POSITIVE_INFINITY;
      x[(i + 90) % x.length] = Number.NEGATIVE_INFINITY;
      const { pooled, indices } = run(x, c, false);
      const expected = reference(x, c, false);
      await expectClose(pooled.values, expected.pooled, { tolerance: 0 });
      expect(indices).toEqual(expected.indices);
    }
  });

  it('refuses integers and another rank', () => {
    const flat = { shape: [2, 2, 1], values: [1, 2, 3, 4] };
    expect(() => runOnArena(kernel, { x: flat }, { filterSize: 2, strides: 2, pad: 0 })).toThrow(
      'MaxPoolWithArgmax: x must have rank 4, got shape [2, 2, 1]',
    );
    const x = { shape: [1, 2, 2, 1], values: [1, 2, 3, 4], dtype: 'int32' as const };
    const { attrs } = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    expect(() => runOnArena(kernel, { x }, attrs)).toThrow(
      'MaxPoolWithArgmax: x must be float32, got int32',
    );
  });
});
