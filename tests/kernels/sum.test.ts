import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sum as kernel } from '../../src/kernels/reductions/sum.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { sum as reference, tolerance } from './reference/sum.js';
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

describe('Sum', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const reduction of reductions()) await check(reduction);
    await fc.assert(fc.asyncProperty(anyReduction, check), { seed: 1 });
  });

  it('keeps reduced axes as 1 when asked to, and takes a negative axis', () => {
    const x = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
    const [y] = runOnArena(kernel, { x }, { axis: -1, keepDims: true });
    expect(y!.shape).toEqual([2, 1]);
    expect([...y!.values]).toEqual([6, 15]);
  });

  it('keeps NaN and infinity', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const [shape, axes] of [
        [[40], [0]],
        [[40, 3], [0]],
        [[40, 17], [0]],
      ] as Reduction[]) {
        const values = new Float64Array(shape.reduce((a, b) => a * b)).fill(1);
        values[values.length - 1] = bad;
        const [y] = runOnArena(kernel, { x: { shape, values } }, { axis: axes, keepDims: false });
        expect(y!.values.at(-1)).toBe(bad);
      }
    }
  });

  it('is zero where there is nothing to sum, also of integers', () => {
    const empty = { shape: [0, 3], values: [] };
    const [y] = runOnArena(kernel, { x: empty }, { axis: [0], keepDims: false });
    expect([...y!.values]).toEqual([0, 0, 0]);
    const integers = { ...empty, dtype: 'int32' as const };
    const [z] = runOnArena(kernel, { x: integers }, { axis: [0], keepDims: false });
    expect([...z!.values]).toEqual([0, 0, 0]);
  });

  it('leaves integers to stock', () => {
    const x = { shape: [2], values: [1, 2], dtype: 'int32' as const };
    expect(() => runOnArena(kernel, { x }, { axis: [0], keepDims: false })).toThrow(
      'the case is left to stock',
    );
  });
});
