import { describe, expect, it } from 'vitest';
import { maxUnpoolGrad as kernel } from '../../src/kernels/pooling/maxUnpoolGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { maxUnpoolGrad as reference } from './reference/maxUnpoolGrad.js';
import { runOnArena } from './support/arena.js';
import { type PoolCase, poolCase, poolCases, sizeOf } from './support/poolCases.js';
import { placesOf } from './support/unpoolPlaces.js';

function run(dy: ArrayLike<number>, indices: ArrayLike<number>, c: PoolCase, last?: string) {
  const inputs = {
    dy: { shape: c.shape, values: dy },
    indices: { shape: c.out, values: indices, dtype: 'int32' as const },
  };
  return runOnArena(kernel, inputs, c.attrs, last)[0]!;
}

describe('BlocksMaxUnpoolGrad', () => {
  it.each(['dy', 'indices'])(
    'is exact, reads and writes nothing outside of its tensors: %s',
    async (last) => {
      for (const c of poolCases()) {
        const [dy, indices] = [noise(sizeOf(c.shape), 1), placesOf(c)];
        const dx = run(dy, indices, c, last);
        expect(dx.shape, c.title).toEqual(c.out);
        await expectClose(dx.values, reference(dy, indices, c), { tolerance: 0 });
      }
    },
  );

  it('takes NaN where a window has it, and only there', () => {
    const c = poolCase([1, 1, 4, 1], [1, 2], [1, 2], 'valid');
    expect([...run([Number.NaN, 2, 3, Number.NaN], [0, 2], c).values]).toEqual([Number.NaN, 3]);
    expect([...run([Number.NaN, 2, 3, Number.NaN], [1, 0], c).values]).toEqual([2, 0]);
  });

  it('refuses integers', () => {
    const c = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    const dy = { shape: c.shape, values: [1, 2, 3, 4], dtype: 'int32' as const };
    const indices = { shape: c.out, values: [1], dtype: 'int32' as const };
    expect(() => runOnArena(kernel, { dy, indices }, c.attrs)).toThrow(
      'BlocksMaxUnpoolGrad: dy must be float32, got int32',
    );
  });
});
