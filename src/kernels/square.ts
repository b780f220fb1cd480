import { Square, type Tensor } from '@tensorflow/tfjs-core';
import { elementwise } from './binary.js';
import type { Kernel } from './kernel.js';

/** x². Integers are left to stock. */
export const square: Kernel<{ x: Tensor }> = {
  kernelName: Square,
  run: (heap, { x }) => (x.dtype === 'float32' ? elementwise(heap, 'multiply', x, x).info : null),
};
