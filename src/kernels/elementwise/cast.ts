import {
  Cast,
  type CastAttrs,
  NotEqual,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { fill } from '../moves/fill.js';
import type { Heap } from '../runtime/heap.js';

/**
 * x of the type that it has already, without a copy, or as booleans: whether it is not 0, where stock keeps the
 * integer part modulo 256. Others are left to stock.
 */
export const cast: Kernel<{ x: Tensor }, CastAttrs> = {
  kernelName: Cast,
  run(heap, { x }, { dtype }) {
    if (x.dtype === dtype && dtype !== 'string') return heap.share(x);
    return dtype === 'bool' ? isNotZero(heap, x) : null;
  },
};

function isNotZero(heap: Heap, x: Tensor): TensorInfo | null {
  if (x.dtype !== 'float32' && x.dtype !== 'int32') return null;
  const zero = heap.output([], x.dtype);
  fill(heap, zero, 0);
  const output = heap.call(NotEqual, { a: x, b: zero.info });
  heap.dispose(zero.info);
  return output;
}
