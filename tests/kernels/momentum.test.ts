import { describe, it } from 'vitest';
import { momentum as kernel } from '../../src/kernels/optimizers/momentum.js';
import { momentum as reference, tolerance } from './reference/momentum.js';
import { checkStep } from './support/steps.js';

describe('BlocksMomentum', () => {
  for (const [names, nesterov] of [
    [['value', 'gradient'], false],
    [['value', 'gradient', 'accumulation'], false],
    [['value', 'gradient', 'accumulation'], true],
  ] as const) {
    it(`of ${names.join(', ')}${nesterov ? ' by Nesterov' : ''} agrees with float64`, async () => {
      const attrs = { momentum: 0.75, rate: 0.125, nesterov };
      await checkStep(kernel, [...names], attrs, (inputs) => reference(inputs, attrs), tolerance);
    });
  }
});
