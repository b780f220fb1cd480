import { expect } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { expectClose } from '../../support/close.js';
import { noise } from '../../support/float64.js';
import { runOnArena } from './arena.js';

/** Checks an optimizer's kernel on sizes at the edges of vectors and slices, each input last in memory. */
export async function checkStep(
  kernel: Kernel,
  names: string[],
  attrs: object,
  reference: (inputs: ArrayLike<number>[]) => Float64Array[],
  tolerance: number,
): Promise<void> {
  for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16383, 16385, 32770]) {
    const values = names.map((name, i) => {
      // Means of squares are not negative, and not below the square of the mean.
      return noise(n, i + 1).map((x) => (/^(v|square)$/.test(name) ? Math.fround(x + 2) : x));
    });
    const inputs = Object.fromEntries(
      names.map((name, i) => [name, { shape: [n], values: values[i]! }]),
    );
    const expected = reference(values);
    for (const last of names) {
      const outputs = runOnArena(kernel, inputs, attrs, last);
      expect(outputs.length).toBe(expected.length);
      for (const [i, output] of outputs.entries()) {
        await expectClose(output.values, expected[i]!, { tolerance });
      }
    }
  }
}
