import { type DataType, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { fill } from '../moves/fill.js';
import { reducedShape } from './sum.js';

export interface Attrs {
  axis?: number | number[];
  /** Max has its axes here. */
  reductionIndices?: number | number[];
  keepDims: boolean;
}

/**
 * A reduction of nothing, by the types that it takes: there stock returns whatever the memory holds. The rest is
 * stock's.
 */
export function ofNothing(
  kernelName: string,
  values: Partial<Record<DataType, number>>,
): Kernel<{ x: Tensor }, Attrs> {
  return {
    kernelName,
    run(heap, { x }, { axis, reductionIndices = axis, keepDims }) {
      const value = values[x.dtype];
      if (value === undefined || util.sizeFromShape(x.shape) > 0) return null;
      const axes = util.parseAxisParam(reductionIndices!, x.shape);
      const output = heap.output(reducedShape(x.shape, axes, keepDims), x.dtype as 'float32');
      fill(heap, output, value);
      return output.info;
    },
  };
}
