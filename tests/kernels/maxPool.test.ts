import { describe, expect, it } from 'vitest';
import { maxPool as kernel } from '../../src/kernels/pooling/maxPool.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { maxPool as reference } from './reference/maxPool.js';
import { runOnArena } from './support/arena.js';
import { poolCase, poolCases, sizeOf } from './support/poolCases.js';

describe('MaxPool', () => {
  it('is exact, reads and writes nothing outside of its tensors', async () => {
    for (const c of poolCases()) {
      const x = { shape: c.shape, values: noise(sizeOf(c.shape), 1) };
      const [y] = runOnArena(kernel, { x }, c.attrs);
      expect(y!.shape, c.title).toEqual(c.out);
      await expectClose(y!.values, reference(x.values, c), { tolerance: 0 });
    }
  });

  it('keeps NaN, wherever in the window it is, and infinity', async () => {
    const c = poolCase([1, 4, 4, 5], [2, 2], [2, 2], 'valid');
    const x = { shape: c.shape, values: noise(80, 1) };
    for (const [i, bad] of [Number.NaN, -1 / 0, 1 / 0, Number.NaN].entries()) {
      for (let ch = 0; ch < 5; ch++) x.values[((i % 2) * 4 + (i >> 1)) * 5 + ch] = bad;
      const [y] = runOnArena(kernel, { x }, c.attrs);
      await expectClose(y!.values, reference(x.values, c), { tolerance: 0 });
      if (Number.isNaN(bad)) expect(y!.values[0]).toBe(Number.NaN);
    }
  });

  it('refuses integers', () => {
    const x = { shape: [1, 2, 2, 1], values: [1, 2, 3, 4], dtype: 'int32' as const };
    const { attrs } = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    expect(() => runOnArena(kernel, { x }, attrs)).toThrow('MaxPool: x must be float32, got int32');
  });
});
