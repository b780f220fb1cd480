import {
  Elu,
  engine,
  LeakyRelu,
  Relu,
  Relu6,
  Sigmoid,
  Square,
  Tanh,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { type ActivationGradAttrs, activationGrad } from '../elementwise/activationGrad.js';
import type { Gradient } from './gradient.js';

/** Gradients of activations in one pass. */
export const activations: Gradient[] = [
  slope(Relu, 'relu'),
  slope(Relu6, 'relu6'),
  slope(LeakyRelu, 'leakyRelu'),
  slope(Elu, 'elu'),
  slope(Sigmoid, 'sigmoid'),
  slope(Tanh, 'tanh'),
  slope(Square, 'square'),
];

function slope(kernelName: string, of: ActivationGradAttrs['of']): Gradient {
  return {
    kernelName,
    needs: activationGrad.kernelName,
    gradFunc: (dy, [value], attrs) => {
      if (value!.dtype !== 'float32') return null;
      const options = { of, alpha: (attrs?.alpha as number | undefined) ?? 0 };
      return {
        x: () =>
          engine().runKernel(activationGrad.kernelName, { value: value!, dy }, options) as Tensor,
      };
    },
  };
}
