import { type DataType, util } from '@tensorflow/tfjs-core';
import type { Heap, Output } from '../runtime/heap.js';

/** As in assembly/fill.ts. */
const SLICE = 16384;

/** Fills an output with a number. */
export function fill(heap: Heap, { info, address }: Output, value: number): void {
  const count = util.sizeFromShape(info.shape);
  const bits = bitsOf(value, info.dtype);
  const name = info.dtype === 'bool' ? 'fill_8' : 'fill_32';
  heap.run(name, Math.ceil(count / SLICE), [address, bits, count]);
}

/** The bits of a number of a type, as an integer. */
export function bitsOf(value: number, dtype: DataType): number {
  return dtype === 'float32'
    ? new Int32Array(new Float32Array([value]).buffer)[0]!
    : Math.trunc(value);
}
