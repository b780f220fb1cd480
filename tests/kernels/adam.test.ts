import { describe, expect, it } from 'vitest';
import { adam as kernel } from '../../src/kernels/optimizers/adam.js';
import { adam as reference, tolerance } from './reference/adam.js';
import { runOnArena } from './support/arena.js';
import { checkStep } from './support/steps.js';

const step = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, rate: 0.02, correction: 50, keep: 1 };

describe('BlocksAdam', () => {
  for (const keep of [1, 0.9]) {
    it(`agrees with float64, with ${keep} of a weight kept`, async () => {
      const attrs = { ...step, keep };
      const names = ['value', 'gradient', 'm', 'v'];
      await checkStep(kernel, names, attrs, (inputs) => reference(inputs, attrs), tolerance);
    });
  }

  it('keeps NaN, and refuses integers', () => {
    const one = { shape: [1], values: [1] };
    const inputs = { value: one, gradient: { shape: [1], values: [Number.NaN] }, m: one, v: one };
    for (const { values } of runOnArena(kernel, inputs, step)) expect(values[0]).toBe(Number.NaN);
    const integer = { ...inputs, gradient: { ...one, dtype: 'int32' as const } };
    expect(() => runOnArena(kernel, integer, step)).toThrow(
      'BlocksAdam: gradient must be float32, got int32',
    );
  });
});
