import {
  StridedSlice,
  type StridedSliceAttrs,
  slice_util,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyAxes, isWords, strides as stridesOf } from './copyRuns.js';

/**
 * Every `strides`-th element between `begin` and `end`, of x's own type. The whole of x, booleans and
 * strings are left to stock.
 */
export const stridedSlice: Kernel<{ x: Tensor }, StridedSliceAttrs> = {
  kernelName: StridedSlice,
  run(heap, { x }, attrs) {
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
    const { finalShape, isIdentity, begin, end, strides } = slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      ...[beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask],
    );
    if (isIdentity || !isWords(x)) return null;
    const output = heap.output(finalShape, x.dtype as 'float32');
    if (util.sizeFromShape(finalShape) === 0) return output.info;
    const apart = stridesOf(x.shape);
    // Of every axis of x, also of those that `shrinkAxisMask` drops from the result.
    const sizes = slice_util.computeOutShape(begin, end, strides);
    const to = stridesOf(sizes);
    const axes = sizes.map((size, axis) => {
      return { size, from: apart[axis]! * strides[axis]!, to: to[axis]! };
    });
    const first = begin.reduce((sum, index, axis) => sum + index * apart[axis]!, 0);
    copyAxes(heap, heap.address(x) + first * 4, output.address, axes);
    return output.info;
  },
};
