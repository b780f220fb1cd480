import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { type StepAttrs, stepTensors } from './optimizerSteps.js';

export interface AdamStep extends StepAttrs {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** The learning rate over 1 − β₁ᵗ. */
  rate: number;
  /** 1 over 1 − β₂ᵗ. */
  correction: number;
  /** What is left of a weight after weight decay. */
  keep: number;
}

/**
 * One step of Adam: [value, m, v] → new ones, or none where they are changed in place. See assembly/optimize.ts
 * for the formula.
 */
export const adam: Kernel<{ value: Tensor; gradient: Tensor; m: Tensor; v: Tensor }, AdamStep> = {
  kernelName: 'BlocksAdam',
  run(heap, { value, gradient, m, v }, attrs) {
    const inputs = { value, gradient, m, v };
    const { beta1, beta2, epsilon, rate, correction, keep } = attrs;
    const { from, to, count, slices, outputs } = stepTensors(this.kernelName, heap, inputs, attrs);
    const options = [beta1, beta2, epsilon, rate, correction, keep];
    heap.run('adam_f32', slices, [...from, ...to, count, ...options]);
    return outputs;
  },
};
