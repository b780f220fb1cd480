import {
  ClipByValue,
  type ClipByValueAttrs,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Bounds } from './convolve.js';
import type { Heap } from './heap.js';
import type { Kernel } from './kernel.js';

/** As in assembly/clip.ts. */
const SLICE = 16384;

/** x kept within bounds; NaN stays NaN, which stock turns into a bound. Integers are left to stock. */
export const clipByValue: Kernel<{ x: Tensor }, ClipByValueAttrs> = {
  kernelName: ClipByValue,
  run: (heap, { x }, { clipValueMin, clipValueMax }) => clip(heap, x, [clipValueMin, clipValueMax]),
};

/** A kernel for x kept within constant bounds. */
export function clipping(kernelName: string, bounds: Bounds): Kernel<{ x: Tensor }> {
  return { kernelName, run: (heap, { x }) => clip(heap, x, bounds) };
}

function clip(heap: Heap, x: Tensor, bounds: Bounds): TensorInfo | null {
  if (x.dtype !== 'float32') return null;
  const output = heap.output(x.shape);
  const count = util.sizeFromShape(x.shape);
  heap.run('clip_f32', Math.ceil(count / SLICE), [
    heap.address(x),
    output.address,
    count,
    ...bounds,
  ]);
  return output.info;
}
