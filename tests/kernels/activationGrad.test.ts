import { describe, expect, it } from 'vitest';
import { activationGrad as kernel } from '../../src/kernels/elementwise/activationGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { ACTIVATIONS, activationGrad as reference, tolerance } from './reference/activationGrad.js';
import { runOnArena } from './support/arena.js';

describe('BlocksActivationGrad', () => {
  for (const of of ACTIVATIONS) {
    it(`of ${of} agrees with float64, reads and writes nothing outside of its tensors`, async () => {
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 39, 16383, 16384, 16385, 32769]) {
        const value = noise(n, 1).map((v) => v * 8);
        if (n > 4) value.set([0, -0, 6, 3], 0);
        const inputs = {
          value: { shape: [n], values: value },
          dy: { shape: [n], values: noise(n, 2) },
        };
        for (const last of ['value', 'dy']) {
          const [dx] = runOnArena(kernel, inputs, { of, alpha: 0.2 }, last);
          const expected = reference(value, inputs.dy.values, { of, alpha: 0.2 });
          await expectClose(dx!.values, expected, { tolerance });
        }
      }
    });
  }

  it('lets dy through where the value is NaN, or returns NaN', () => {
    for (const of of ACTIVATIONS) {
      const inputs = {
        value: { shape: [5], values: Array(5).fill(Number.NaN) },
        dy: { shape: [5], values: [1, 2, 3, 4, Number.NaN] },
      };
      const [dx] = runOnArena(kernel, inputs, { of });
      expect([1, Number.NaN], of).toContainEqual(dx!.values[0]);
      expect(dx!.values[4]).toBe(Number.NaN);
    }
  });
});
