import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { noise } from '../../support/float64.js';
import { runOnArena } from './arena.js';

/** Sweeps a kernel of one tensor, element by element, whose results are exact to the last bit. */
export function describeExact(kernel: Kernel, reference: (x: number) => number): void {
  const check = (values: number[]) => {
    const [y] = runOnArena(kernel, { x: { shape: [values.length], values } }, {});
    expect(y!.shape).toEqual([values.length]);
    expect([...y!.values]).toEqual(values.map((x) => Math.fround(reference(x))));
  };

  describe(kernel.kernelName, () => {
    it('is exact, reads and writes nothing outside of its tensors', () => {
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 39, 16383, 16384, 16385, 32769]) {
        check([...noise(n, n)].map((x) => Math.fround(x * 10)));
      }
    });

    it('takes infinities, and keeps NaN', () => {
      check([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, Number.NaN]);
    });

    it('leaves integers to stock', () => {
      const x = { shape: [2], values: [1, 2], dtype: 'int32' as const };
      expect(() => runOnArena(kernel, { x }, {})).toThrow('the case is left to stock');
    });
  });
}
