import { Mean, type MeanAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { fill } from '../moves/fill.js';
import { reducedShape } from './sum.js';
import { sumOver } from './sumOver.js';

/** The mean over axes. NaN where there is nothing; other types than float32 are left to stock. */
export const mean: Kernel<{ x: Tensor }, MeanAttrs> = {
  kernelName: Mean,
  run(heap, { x }, { axis, keepDims }) {
    const size = util.sizeFromShape(x.shape);
    if (x.dtype !== 'float32' && size > 0) return null;
    const axes = util.parseAxisParam(axis, x.shape);
    const output = heap.output(reducedShape(x.shape, axes, keepDims));
    const count = util.sizeFromShape(axes.map((a) => x.shape[a]!));
    if (size === 0) fill(heap, output, Number.NaN);
    else sumOver(heap, heap.address(x), x.shape, axes, output, count);
    return output.info;
  },
};
