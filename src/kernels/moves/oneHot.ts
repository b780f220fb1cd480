import { OneHot, type OneHotAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import { OptionError } from '../../core/args.js';
import type { Kernel } from '../kernel.js';
import { bitsOf } from './fill.js';

/** As in assembly/oneHot.ts. */
const ROWS = 1024;

/**
 * indices […] → […, depth], `onValue` at each index and `offValue` elsewhere; all `offValue` for an index
 * outside of the depth. Of float32, stock writes integers, which are read as numbers near 1e-45; and of
 * booleans, four times as many bytes as there are. Other types are left to stock.
 */
export const oneHot: Kernel<{ indices: Tensor }, OneHotAttrs> = {
  kernelName: OneHot,
  run(heap, { indices }, { depth, onValue, offValue, dtype = 'int32' }) {
    if (indices.dtype !== 'int32') {
      throw new OptionError(`${OneHot}: indices must be int32, got ${indices.dtype}`);
    }
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return null;
    const output = heap.output([...indices.shape, depth], dtype);
    const count = util.sizeFromShape(indices.shape);
    heap.run(dtype === 'bool' ? 'oneHot_8' : 'oneHot_32', Math.ceil(count / ROWS), [
      ...[heap.address(indices), output.address, count, depth],
      ...[bitsOf(onValue, dtype), bitsOf(offValue, dtype)],
    ]);
    return output.info;
  },
};
