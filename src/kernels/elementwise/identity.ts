import { Identity, type Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';

/** x as another tensor of the same memory; stock copies it, and does so for all that a gradient saves. */
export const identity: Kernel<{ x: Tensor }> = {
  kernelName: Identity,
  run: (heap, { x }) => (x.dtype === 'string' ? null : heap.share(x)),
};
