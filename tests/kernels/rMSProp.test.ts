import { describe, it } from 'vitest';
import { rMSProp as kernel } from '../../src/kernels/optimizers/rMSProp.js';
import { rMSProp as reference, tolerance } from './reference/rMSProp.js';
import { checkStep } from './support/steps.js';

describe('BlocksRMSProp', () => {
  for (const names of [
    ['value', 'gradient', 'square', 'accumulation'],
    ['value', 'gradient', 'square', 'accumulation', 'mean'],
  ]) {
    it(`of ${names.join(', ')} agrees with float64`, async () => {
      const attrs = { decay: 0.875, momentum: 0.5, epsilon: 1e-7, rate: 0.125 };
      await checkStep(kernel, names, attrs, (inputs) => reference(inputs, attrs), tolerance);
    });
  }
});
