import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { type StepAttrs, stepTensors } from './optimizerSteps.js';

export interface MomentumStep extends StepAttrs {
  momentum: number;
  rate: number;
  nesterov: boolean;
}

/**
 * One step of gradient descent, with momentum: [value, accumulation] → new ones; or [value]
 * without. None where they are changed in place.
 */
export const momentum: Kernel<
  { value: Tensor; gradient: Tensor; accumulation?: Tensor },
  MomentumStep
> = {
  kernelName: 'BlocksMomentum',
  run(heap, { value, gradient, accumulation }, attrs) {
    const { momentum, rate, nesterov } = attrs;
    const inputs = { value, gradient, ...(accumulation && { accumulation }) };
    const { from, to, count, slices, outputs } = stepTensors(this.kernelName, heap, inputs, attrs);
    const all = [...from, ...to, count];
    if (accumulation) heap.run('momentum_f32', slices, [...all, momentum, rate, nesterov ? 1 : 0]);
    else heap.run('descend_f32', slices, [...all, rate]);
    return outputs;
  },
};
