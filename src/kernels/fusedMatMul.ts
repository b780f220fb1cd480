import { _FusedMatMul, type _FusedMatMulAttrs, type Tensor } from '@tensorflow/tfjs-core';
import { fusedActivation } from './fusedActivation.js';
import type { Kernel } from './kernel.js';
import { type MatMulInputs, matMul } from './matMul.js';

/** act(a [..., m, k] · b [..., k, n] + bias [n]) → [..., m, n], either transposed. */
export const fusedMatMul: Kernel<
  MatMulInputs & { bias?: Tensor; preluActivationWeights?: Tensor },
  _FusedMatMulAttrs
> = {
  kernelName: _FusedMatMul,
  run(heap, { a, b, bias, preluActivationWeights }, attrs) {
    const activation = fusedActivation(
      attrs.activation,
      attrs.leakyreluAlpha,
      preluActivationWeights,
    );
    const product = activation && matMul(heap, { a, b }, attrs, bias, activation.bounds);
    return product && activation.finish(heap, product);
  },
};
