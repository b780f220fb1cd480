import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcast as kernel } from '../../src/kernels/elementwise/broadcast.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { broadcast as reference, tolerance } from './reference/broadcast.js';
import { runOnArena } from './support/arena.js';
import { anyShape, sizeOf } from './support/moves.js';

async function check(to: number[], axes: number[], divisor: number): Promise<void> {
  const shape = to.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const x = noise(sizeOf(shape), 1);
  const [y] = runOnArena(kernel, { x: { shape, values: x } }, { shape: to, divisor });
  expect(y!.shape).toEqual(to);
  await expectClose(y!.values, reference(x, shape, to, divisor), { tolerance });
}

describe('BlocksBroadcast', () => {
  it('agrees with plain loops, reads and writes nothing outside of its tensors', async () => {
    for (const n of [1, 3, 4, 5, 8, 9, 39]) {
      for (const divisor of [1, 7]) {
        await check([n, 4, n], [0], divisor);
        await check([n, 4, n], [0, 1], divisor);
        await check([n, 4, n], [1, 2], divisor);
        await check([n, 4, n], [0, 1, 2], divisor);
      }
    }
    await check([], [], 3);
    await check([0, 3], [1], 1);
    const shapes = anyShape.chain((to) => fc.tuple(fc.constant(to), fc.subarray([...to.keys()])));
    await fc.assert(
      fc.asyncProperty(shapes, ([to, axes]) => check(to, axes, 3)),
      { numRuns: 60, seed: 1 },
    );
  });

  it('keeps NaN and infinity', () => {
    const x = { shape: [1, 2], values: [Number.NaN, Number.POSITIVE_INFINITY] };
    const [y] = runOnArena(kernel, { x }, { shape: [2, 2], divisor: 2 });
    expect([...y!.values]).toEqual([Number.NaN, Infinity, Number.NaN, Infinity]);
  });

  it('refuses integers', () => {
    const x = { shape: [1], values: [1], dtype: 'int32' as const };
    expect(() => runOnArena(kernel, { x }, { shape: [2] })).toThrow(
      'BlocksBroadcast: x must be float32, got int32',
    );
  });
});
