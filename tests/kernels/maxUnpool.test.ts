import { describe, expect, it } from 'vitest';
import { maxUnpool as kernel } from '../../src/kernels/pooling/maxUnpool.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { maxUnpool as reference } from './reference/maxUnpool.js';
import { runOnArena } from './support/arena.js';
import { type PoolCase, poolCase, poolCases, sizeOf } from './support/poolCases.js';
import { placesOf } from './support/unpoolPlaces.js';

function run(x: ArrayLike<number>, indices: ArrayLike<number>, c: PoolCase, last?: string) {
  const inputs = {
    x: { shape: c.out, values: x },
    indices: { shape: c.out, values: indices, dtype: 'int32' as const },
  };
  const [, height, width] = c.shape;
  return runOnArena(kernel, inputs, { ...c.attrs, height, width }, last)[0]!;
}

describe('BlocksMaxUnpool', () => {
  it.each(['x', 'indices'])(
    'is exact, reads and writes nothing outside of its tensors: %s',
    async (last) => {
      for (const c of poolCases()) {
        const [x, indices] = [noise(sizeOf(c.out), 1), placesOf(c)];
        const y = run(x, indices, c, last);
        expect(y.shape, c.title).toEqual(c.shape);
        await expectClose(y.values, reference(x, indices, c), { tolerance: 1e-6 });
      }
    },
  );

  it('adds where windows meet, keeps NaN, and puts it nowhere else', () => {
    const c = poolCase([1, 1, 3, 1], [1, 2], [1, 1], 'valid');
    expect([...run([2, 3], [1, 1], c).values]).toEqual([0, 5, 0]);
    expect([...run([Number.NaN, 3], [0, 2], c).values]).toEqual([Number.NaN, 0, 3]);
  });

  it('refuses integers', () => {
    const c = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    const x = { shape: c.out, values: [1], dtype: 'int32' as const };
    expect(() =>
      runOnArena(kernel, { x, indices: x }, { ...c.attrs, height: 2, width: 2 }),
    ).toThrow('BlocksMaxUnpool: x must be float32, got int32');
  });
});
