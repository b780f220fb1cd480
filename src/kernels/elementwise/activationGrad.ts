import { type Tensor, util } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';

/** As in assembly/slope.ts. */
const OPS = { relu: 0, relu6: 1, leakyRelu: 2, elu: 3, sigmoid: 4, tanh: 5, square: 6 } as const;
const CHUNK = 16384;

export interface ActivationGradAttrs {
  of: keyof typeof OPS;
  /** The slope of leakyRelu below 0. */
  alpha?: number;
}

/**
 * dx = dy · slope. `value` is the activation's input, for elu, sigmoid and tanh its output. All have
 * one shape. Where `value` is NaN, dy goes through.
 */
export const activationGrad: Kernel<{ value: Tensor; dy: Tensor }, ActivationGradAttrs> = {
  kernelName: 'BlocksActivationGrad',
  run(heap, { value, dy }, { of, alpha = 0 }) {
    float32(this.kernelName, { value, dy });
    const dx = heap.output(dy.shape);
    const count = util.sizeFromShape(dy.shape);
    const tensors = [heap.address(value), heap.address(dy), dx.address];
    heap.run('slope_f32', Math.ceil(count / CHUNK), [...tensors, OPS[of], alpha, count]);
    return dx.info;
  },
};
