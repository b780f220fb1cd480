import {
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type Tensor4D,
  util,
} from '@tensorflow/tfjs-core';
import { composedDepthwiseFilter } from '../composed/depthwise.js';
import type { Kernel } from '../kernel.js';
import { fill } from '../moves/fill.js';
import { sumOver } from '../reductions/sumOver.js';
import { float32 } from './convInfo.js';
import { depthwiseInfo } from './depthwiseInfo.js';

/** x [n, h, w, c], dy [n, oh, ow, c·m] → the gradient of the filter, [kh, kw, c, m]. */
export const depthwiseConv2dNativeBackpropFilter: Kernel<
  { x: Tensor4D; dy: Tensor4D },
  DepthwiseConv2dNativeBackpropFilterAttrs
> = {
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  composed: (inputs, attrs) =>
    composedDepthwiseFilter(DepthwiseConv2dNativeBackpropFilter, inputs, attrs),
  run(heap, { x, dy }, attrs) {
    float32(this.kernelName, { x, dy });
    const { filterShape } = attrs;
    const { batchSize, args } = depthwiseInfo(this.kernelName, x.shape, filterShape, dy, attrs);
    const dw = heap.output(filterShape);
    const size = util.sizeFromShape(filterShape);
    if (batchSize === 0) {
      fill(heap, dw, 0);
      return dw.info;
    }
    heap.scratch([batchSize * size * 4], ([sums]) => {
      const tensors = [heap.address(x), heap.address(dy), sums!];
      heap.run('depthwiseFilter_f32', batchSize, [...tensors, ...args]);
      sumOver(heap, sums!, [batchSize, size], [0], dw);
    });
    return dw.info;
  },
};
