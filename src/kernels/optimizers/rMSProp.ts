import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { type StepAttrs, stepTensors } from './optimizerSteps.js';

export interface RMSPropStep extends StepAttrs {
  decay: number;
  momentum: number;
  epsilon: number;
  rate: number;
}

/**
 * One step of RMSProp: [value, square, accumulation] → new ones; with `mean`, centred, that one too. None where they
 * are changed in place.
 * See assembly/optimize.ts for the formula.
 */
export const rMSProp: Kernel<
  { value: Tensor; gradient: Tensor; square: Tensor; accumulation: Tensor; mean?: Tensor },
  RMSPropStep
> = {
  kernelName: 'BlocksRMSProp',
  run(heap, { value, gradient, square, accumulation, mean }, attrs) {
    const { decay, momentum, epsilon, rate } = attrs;
    const inputs = { value, gradient, square, accumulation, ...(mean && { mean }) };
    const { from, to, count, slices, outputs } = stepTensors(this.kernelName, heap, inputs, attrs);
    // The place of a mean that isn't there.
    const none = mean ? [] : [0];
    const options = [decay, momentum, epsilon, rate];
    heap.run('rmsProp_f32', slices, [...from, ...none, ...to, ...none, count, ...options]);
    return outputs;
  },
};
