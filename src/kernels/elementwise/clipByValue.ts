import {
  ClipByValue,
  type ClipByValueAttrs,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Bounds } from '../convolution/convolve.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';

/** As in assembly/clip.ts. */
const SLICE = 16384;

/**
 * x kept within bounds; NaN stays NaN, which stock turns into a bound. Of integers, whose bounds stock reads as
 * the bits of floats, a bound counts without its fraction.
 */
export const clipByValue: Kernel<{ x: Tensor }, ClipByValueAttrs> = {
  kernelName: ClipByValue,
  run: (heap, { x }, { clipValueMin, clipValueMax }) => clip(heap, x, [clipValueMin, clipValueMax]),
};

/** A kernel for x kept within constant bounds. Integers are left to stock. */
export function clipping(kernelName: string, bounds: Bounds): Kernel<{ x: Tensor }> {
  return {
    kernelName,
    run: (heap, { x }) => (x.dtype === 'float32' ? clip(heap, x, bounds) : null),
  };
}

function clip(heap: Heap, x: Tensor, bounds: Bounds): TensorInfo | null {
  const { dtype } = x;
  if (dtype !== 'float32' && dtype !== 'int32') return null;
  const output = heap.output(x.shape, dtype);
  const count = util.sizeFromShape(x.shape);
  const name = dtype === 'int32' ? 'clip_i32' : 'clip_f32';
  const limits = dtype === 'int32' ? bounds.map(whole) : bounds;
  const tensors = [heap.address(x), output.address];
  heap.run(name, Math.ceil(count / SLICE), [...tensors, count, ...limits]);
  return output.info;
}

/** A bound as the nearest integer of 32 bits towards zero. */
function whole(bound: number): number {
  return Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, bound)));
}
