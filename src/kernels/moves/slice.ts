import { Slice, type SliceAttrs, slice_util, type Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyBox, isWords } from './copyRuns.js';

/**
 * The part of x of the given size that starts at `begin`. Refuses a part that isn't inside of x, for
 * which stock reads other tensors. Booleans and strings are left to stock.
 */
export const slice: Kernel<{ x: Tensor }, SliceAttrs> = {
  kernelName: Slice,
  run(heap, { x }, { begin, size }) {
    const [start, shape] = slice_util.parseSliceParams(x, begin, size);
    slice_util.assertParamsValid(x, start, shape);
    if (!isWords(x)) return null;
    const output = heap.output(shape, x.dtype as 'float32');
    const from = { address: heap.address(x), shape: x.shape, start };
    copyBox(heap, shape, from, { address: output.address, shape });
    return output.info;
  },
};
