import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean as kernel } from '../../src/kernels/reductions/mean.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { mean as reference, tolerance } from './reference/mean.js';
import { runOnArena } from './support/arena.js';
import { anyReduction, type Reduction, reductions } from './support/reductions.js';

async function check([shape, axes]: Reduction): Promise<void> {
  const x = noise(
    shape.reduce((a, b) => a * b, 1),
    3,
  );
  const [y] = runOnArena(kernel, { x: { shape, values: x } }, { axis: axes, keepDims: false });
  expect(y!.shape).toEqual(shape.filter((_, axis) => !axes.includes(axis)));
  await expectClose(y!.values, reference(x, shape, axes), { tolerance });
}

describe('Mean', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const reduction of reductions().filter((_, i) => i % 5 === 0)) await check(reduction);
    await fc.assert(fc.asyncProperty(anyReduction, check), { seed: 1 });
  });

  it('is exact where the sum is', () => {
    const x = { shape: [3, 2], values: [1, 2, 3, 4, 5, 9] };
    const [y] = runOnArena(kernel, { x }, { axis: [0], keepDims: true });
    expect(y!.shape).toEqual([1, 2]);
    expect([...y!.values]).toEqual([3, 5]);
  });

  it('is NaN where there is nothing', () => {
    const x = { shape: [0, 2], values: [] };
    const [y] = runOnArena(kernel, { x }, { axis: [0], keepDims: false });
    expect([...y!.values]).toEqual([Number.NaN, Number.NaN]);
  });

  it('leaves integers to stock', () => {
    const x = { shape: [2], values: [1, 2], dtype: 'int32' as const };
    expect(() => runOnArena(kernel, { x }, { axis: [0], keepDims: false })).toThrow(
      'the case is left to stock',
    );
  });
});
