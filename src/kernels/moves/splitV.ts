import { backend_util, SplitV, type SplitVAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyBox, isWords } from './copyRuns.js';

/** Parts of x along an axis, one after the other. Booleans and strings are left to stock. */
export const splitV: Kernel<{ x: Tensor }, SplitVAttrs> = {
  kernelName: SplitV,
  run(heap, { x }, { numOrSizeSplits, axis }) {
    if (!isWords(x)) return null;
    const [along] = util.parseAxisParam(axis, x.shape) as [number];
    const sizes = backend_util.prepareSplitSize(x, numOrSizeSplits, along);
    const start = x.shape.map(() => 0);
    return sizes.map((size) => {
      const shape = x.shape.map((n, a) => (a === along ? size : n));
      const output = heap.output(shape, x.dtype as 'float32');
      const from = { address: heap.address(x), shape: x.shape, start };
      copyBox(heap, shape, from, { address: output.address, shape });
      start[along]! += size;
      return output.info;
    });
  },
};
