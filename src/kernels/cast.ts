import { Cast, type CastAttrs, type Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';

/** x of the type that it has already, without a copy. Other types are left to stock. */
export const cast: Kernel<{ x: Tensor }, CastAttrs> = {
  kernelName: Cast,
  run: (heap, { x }, { dtype }) => (x.dtype === dtype && dtype !== 'string' ? heap.share(x) : null),
};
