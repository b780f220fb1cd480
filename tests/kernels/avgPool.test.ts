import { describe, expect, it } from 'vitest';
import { avgPool as kernel } from '../../src/kernels/pooling/avgPool.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { avgPool as reference, tolerance } from './reference/avgPool.js';
import { runOnArena } from './support/arena.js';
import { poolCase, poolCases, sizeOf } from './support/poolCases.js';

describe('AvgPool', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of poolCases()) {
      const x = { shape: c.shape, values: noise(sizeOf(c.shape), 1) };
      const [y] = runOnArena(kernel, { x }, c.attrs);
      expect(y!.shape, c.title).toEqual(c.out);
      await expectClose(y!.values, reference(x.values, c), { tolerance });
    }
  });

  it('keeps NaN and infinity', () => {
    const c = poolCase([1, 2, 2, 4], [2, 2], [2, 2], 'valid');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = { shape: c.shape, values: noise(16).fill(bad, 4, 5) };
      expect(runOnArena(kernel, { x }, c.attrs)[0]!.values[0]).toBe(bad);
    }
  });

  it('refuses integers', () => {
    const x = { shape: [1, 2, 2, 1], values: [1, 2, 3, 4], dtype: 'int32' as const };
    const { attrs } = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    expect(() => runOnArena(kernel, { x }, attrs)).toThrow('AvgPool: x must be float32, got int32');
  });
});
