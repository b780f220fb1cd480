import { ClipByValue, type ClipByValueAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';

/** As in assembly/clip.ts. */
const SLICE = 16384;

/** x kept within bounds; NaN stays NaN, which stock turns into a bound. Integers are left to stock. */
export const clipByValue: Kernel<{ x: Tensor }, ClipByValueAttrs> = {
  kernelName: ClipByValue,
  run(heap, { x }, { clipValueMin, clipValueMax }) {
    if (x.dtype !== 'float32') return null;
    const output = heap.output(x.shape);
    const count = util.sizeFromShape(x.shape);
    heap.run('clip_f32', Math.ceil(count / SLICE), [
      ...[heap.address(x), output.address, count],
      ...[clipValueMin, clipValueMax],
    ]);
    return output.info;
  },
};
