import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { stepOutputs, stepSize } from './optimizerSteps.js';

export interface MomentumStep {
  momentum: number;
  rate: number;
  nesterov: boolean;
}

/** One step of gradient descent, with momentum: [value, accumulation] → new ones; or [value] without. */
export const momentum: Kernel<
  { value: Tensor; gradient: Tensor; accumulation?: Tensor },
  MomentumStep
> = {
  kernelName: 'BlocksMomentum',
  run(heap, { value, gradient, accumulation }, { momentum, rate, nesterov }) {
    const { count, slices } = stepSize(value);
    const inputs = { value, gradient, ...(accumulation && { accumulation }) };
    const step = stepOutputs(this.kernelName, heap, inputs, accumulation ? 2 : 1);
    const all = [...step.from, ...step.to, count];
    if (accumulation) heap.run('momentum_f32', slices, [...all, momentum, rate, nesterov ? 1 : 0]);
    else heap.run('descend_f32', slices, [...all, rate]);
    return step.outputs.map(({ info }) => info);
  },
};
