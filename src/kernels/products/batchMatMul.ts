import { BatchMatMul, type BatchMatMulAttrs } from '@tensorflow/tfjs-core';
import { UNBOUNDED } from '../convolution/convolve.js';
import type { Kernel } from '../kernel.js';
import { type MatMulInputs, matMul } from './matMul.js';

/** a [..., m, k] · b [..., k, n] → [..., m, n], either transposed. */
export const batchMatMul: Kernel<MatMulInputs, BatchMatMulAttrs> = {
  kernelName: BatchMatMul,
  run: (heap, inputs, attrs) => matMul(heap, inputs, attrs, undefined, UNBOUNDED),
};
