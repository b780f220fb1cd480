import { _FusedMatMul, type _FusedMatMulAttrs, type Tensor } from '@tensorflow/tfjs-core';
import { biasApart, isPerChannel } from '../convolution/apart.js';
import { fusedActivation } from '../convolution/fusedActivation.js';
import type { Kernel } from '../kernel.js';
import { type MatMulInputs, matMul } from './matMul.js';

/** act(a [..., m, k] · b [..., k, n] + bias) → [..., m, n], either transposed. */
export const fusedMatMul: Kernel<
  MatMulInputs & { bias?: Tensor; preluActivationWeights?: Tensor },
  _FusedMatMulAttrs
> = {
  kernelName: _FusedMatMul,
  run(heap, inputs, attrs) {
    const { a, b, bias, preluActivationWeights } = inputs;
    if (a.dtype !== 'float32') return null;
    if (!isPerChannel(bias, b.shape.at(attrs.transposeB ? -2 : -1)!)) {
      return biasApart(heap, _FusedMatMul, inputs, attrs);
    }
    const activation = fusedActivation(
      attrs.activation,
      attrs.leakyreluAlpha,
      preluActivationWeights,
    );
    const product = activation && matMul(heap, { a, b }, attrs, bias, activation.bounds);
    return product && activation.finish(heap, product);
  },
};
