import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { noise } from '../../support/float64.js';
import { runOnArena } from './arena.js';

/** A few units in the last place: an exponential is one rounding of its exponent, seven of a series. */
const RELATIVE = 4e-7;
/** The smallest float that has all its bits. */
const SMALLEST = 2 ** -126;

/** Sweeps a kernel of one tensor, element by element, against the same function in float64. */
export function describeElementary(kernel: Kernel, reference: (x: number) => number): void {
  const check = (values: ArrayLike<number>) => {
    const [y] = runOnArena(kernel, { x: { shape: [values.length], values } }, {});
    expect(y!.shape).toEqual([values.length]);
    for (const [i, actual] of y!.values.entries()) {
      const expected = Math.fround(reference(values[i]!));
      const error = actual === expected ? 0 : Math.abs(actual - expected);
      const bound = RELATIVE * Math.max(Math.abs(expected), SMALLEST);
      if (!(error <= bound)) expect(actual, `of ${values[i]}`).toBe(expected);
    }
  };

  describe(kernel.kernelName, () => {
    it('agrees with float64, reads and writes nothing outside of its tensors', () => {
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 39, 8191, 8192, 8193, 24577]) {
        check(noise(n, n).map((x) => Math.fround(x * 20)));
      }
    });

    it('keeps its relative error from the smallest to the largest float', () => {
      const sizes = Array.from({ length: 2000 }, (_, i) => Math.fround(2 ** (i / 10 - 145)));
      check(sizes.flatMap((x) => [x, -x]));
      check(Array.from({ length: 4000 }, (_, i) => Math.fround((i - 2000) / 18)));
    });

    it('takes zeros of both signs and infinities, and keeps NaN', () => {
      check([0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
      const x = { shape: [5], values: [Number.NaN, 1, 2, 3, Number.NaN] };
      const [y] = runOnArena(kernel, { x }, {});
      expect([...y!.values].map(Number.isNaN)).toEqual([true, false, false, false, true]);
    });

    it('leaves integers to stock', () => {
      const x = { shape: [2], values: [1, 2], dtype: 'int32' as const };
      expect(() => runOnArena(kernel, { x }, {})).toThrow('the case is left to stock');
    });
  });
}
