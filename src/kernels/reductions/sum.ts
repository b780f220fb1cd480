import { backend_util, Sum, type SumAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { fill } from '../moves/fill.js';
import { sumOver } from './sumOver.js';

/** Σ over axes. Zero where there is nothing to sum; other types than float32 are left to stock. */
export const sum: Kernel<{ x: Tensor }, SumAttrs> = {
  kernelName: Sum,
  run(heap, { x }, { axis, keepDims }) {
    const empty = util.sizeFromShape(x.shape) === 0;
    if (x.dtype !== 'float32' && !(empty && x.dtype === 'int32')) return null;
    const axes = util.parseAxisParam(axis, x.shape);
    const output = heap.output(reducedShape(x.shape, axes, keepDims), x.dtype);
    if (empty) fill(heap, output, 0);
    else sumOver(heap, heap.address(x), x.shape, axes, output);
    return output.info;
  },
};

/** The shape of a reduction's result. */
export function reducedShape(shape: number[], axes: number[], keepDims: boolean): number[] {
  const [kept] = backend_util.computeOutAndReduceShapes(shape, axes);
  return keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
}
