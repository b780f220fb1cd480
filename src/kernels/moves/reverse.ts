import { Reverse, type ReverseAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyAxes, isWords, strides } from './copyRuns.js';

/** x with the order of elements along some axes turned around. Booleans are left to stock. */
export const reverse: Kernel<{ x: Tensor }, ReverseAttrs> = {
  kernelName: Reverse,
  run(heap, { x }, { dims }) {
    const turned = util.parseAxisParam(dims, x.shape);
    if (!isWords(x) || turned.length === 0) return null;
    const output = heap.output(x.shape, x.dtype as 'float32');
    if (util.sizeFromShape(x.shape) === 0) return output.info;
    const apart = strides(x.shape);
    const axes = x.shape.map((size, axis) => {
      const to = apart[axis]!;
      return { size, from: turned.includes(axis) ? -to : to, to };
    });
    const first = turned.reduce((sum, axis) => sum + (x.shape[axis]! - 1) * apart[axis]!, 0);
    copyAxes(heap, heap.address(x) + first * 4, output.address, axes);
    return output.info;
  },
};
