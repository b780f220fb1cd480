import { type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Heap } from '../runtime/heap.js';

/** As in assembly/optimize.ts. */
const CHUNK = 16384;

/** What every step may be asked for. */
export interface StepAttrs {
  /**
   * Whether the tensors that the step changes may be changed where they are, if nothing else refers to them and one
   * thread does it all (what a lost thread has changed could not be begun again). Then there are no
   * outputs. Default: false.
   */
  inPlace?: boolean;
}

/**
 * Checks the tensors of a step over one variable, and says where it reads and writes, how many floats, in how many
 * slices. The outputs are of the variable's shape.
 */
export function stepTensors(
  owner: string,
  heap: Heap,
  inputs: { value: Tensor; gradient: Tensor } & Record<string, Tensor>,
  { inPlace = false }: StepAttrs,
): { from: number[]; to: number[]; count: number; slices: number; outputs: TensorInfo[] } {
  float32(owner, inputs);
  const { gradient, ...changed } = inputs;
  const targets = Object.values(changed);
  const from = Object.values(inputs).map((tensor) => heap.address(tensor));
  const count = util.sizeFromShape(inputs.value.shape);
  const slices = Math.ceil(count / CHUNK);
  const alone = heap.threads === 1 || slices <= 1;
  if (inPlace && alone && targets.every((tensor) => heap.isSole(tensor))) {
    const to = targets.map((tensor) => heap.address(tensor));
    heap.forgetPacked(inputs.value);
    return { from, to, count, slices, outputs: [] };
  }
  const made = targets.map(() => heap.output(inputs.value.shape));
  const to = made.map(({ address }) => address);
  return { from, to, count, slices, outputs: made.map(({ info }) => info) };
}
