import { Max, type MaxAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import { fill } from './fill.js';
import type { Kernel } from './kernel.js';
import { reducedShape } from './sum.js';

/** −∞ where there is nothing, for which stock returns whatever the memory holds. The rest is stock's. */
export const max: Kernel<{ x: Tensor }, MaxAttrs> = {
  kernelName: Max,
  run(heap, { x }, { reductionIndices, keepDims }) {
    if (x.dtype !== 'float32' || util.sizeFromShape(x.shape) > 0) return null;
    const axes = util.parseAxisParam(reductionIndices, x.shape);
    const output = heap.output(reducedShape(x.shape, axes, keepDims));
    fill(heap, output, Number.NEGATIVE_INFINITY);
    return output.info;
  },
};
