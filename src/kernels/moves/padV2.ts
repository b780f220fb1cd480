import { PadV2, type PadV2Attrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyBox, isWords } from './copyRuns.js';
import { fill } from './fill.js';

/** x with a constant around it. Booleans are left to stock. */
export const padV2: Kernel<{ x: Tensor }, PadV2Attrs> = {
  kernelName: PadV2,
  run(heap, { x }, { paddings, constantValue }) {
    if (!isWords(x)) return null;
    const shape = x.shape.map((n, axis) => paddings[axis]![0] + n + paddings[axis]![1]);
    const output = heap.output(shape, x.dtype as 'float32');
    if (util.sizeFromShape(shape) > util.sizeFromShape(x.shape)) fill(heap, output, constantValue);
    const start = paddings.map(([before]) => before);
    const to = { address: output.address, shape, start };
    copyBox(heap, x.shape, { address: heap.address(x), shape: x.shape }, to);
    return output.info;
  },
};
