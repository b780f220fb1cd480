import { type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Heap } from '../runtime/heap.js';

/** As in assembly/optimize.ts. */
const CHUNK = 16384;

/** What a step over one variable takes: how many floats, in how many slices. */
export function stepSize(value: Tensor): { count: number; slices: number } {
  const count = util.sizeFromShape(value.shape);
  return { count, slices: Math.ceil(count / CHUNK) };
}

/** What every step may be asked for. */
export interface StepAttrs {
  /**
   * Whether the tensors that the step changes may be changed where they are, if nothing else refers to them and one
   * thread does it all (what a lost thread has changed could not be begun again). Then there are no
   * outputs. Default: false.
   */
  inPlace?: boolean;
}

/** Checks the tensors of a step, and says where it reads and writes; `outputs` are of the variable's shape. */
export function stepTensors(
  owner: string,
  heap: Heap,
  inputs: { value: Tensor; gradient: Tensor } & Record<string, Tensor>,
  { inPlace = false }: StepAttrs,
): { from: number[]; to: number[]; outputs: TensorInfo[] } {
  float32(owner, inputs);
  const { gradient, ...changed } = inputs;
  const targets = Object.values(changed);
  const from = Object.values(inputs).map((tensor) => heap.address(tensor));
  const alone = heap.threads === 1 || stepSize(inputs.value).slices <= 1;
  if (inPlace && alone && targets.every((tensor) => heap.isSole(tensor))) {
    return { from, to: targets.map((tensor) => heap.address(tensor)), outputs: [] };
  }
  const outputs = targets.map(() => heap.output(inputs.value.shape));
  return {
    from,
    to: outputs.map(({ address }) => address),
    outputs: outputs.map(({ info }) => info),
  };
}
