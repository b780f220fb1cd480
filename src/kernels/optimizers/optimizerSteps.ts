import { type Tensor, util } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Heap, Output } from '../runtime/heap.js';

/** As in assembly/optimize.ts. */
const CHUNK = 16384;

/** What a step over one variable takes: how many floats, in how many slices. */
export function stepSize(value: Tensor): { count: number; slices: number } {
  const count = util.sizeFromShape(value.shape);
  return { count, slices: Math.ceil(count / CHUNK) };
}

/** Checks the tensors of a step and makes `count` outputs of the variable's shape. */
export function stepOutputs(
  owner: string,
  heap: Heap,
  inputs: { value: Tensor } & Record<string, Tensor>,
  count: number,
): { from: number[]; outputs: Output[]; to: number[] } {
  float32(owner, inputs);
  const outputs = Array.from({ length: count }, () => heap.output(inputs.value.shape));
  return {
    from: Object.values(inputs).map((tensor) => heap.address(tensor)),
    outputs,
    to: outputs.map(({ address }) => address),
  };
}
