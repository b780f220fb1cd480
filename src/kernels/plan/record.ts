import {
  type DataId,
  type DataType,
  getKernelsForBackend,
  type KernelFunc,
  type NamedAttrMap,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';

/** What a tensor of a recorded program is, whatever its shape: some bytes. */
export interface Value {
  /** The tensor that held it when it was recorded; of a constant, the one that holds it still. */
  dataId: DataId;
  size: number;
  dtype: DataType;
  bytes: number;
  origin: 'input' | 'constant' | 'step';
  /** Where a constant is; 0 for the others. */
  address: number;
}

/** A value as a tensor of a shape. */
export interface View {
  value: Value;
  shape: number[];
  dtype: DataType;
}

/** One call of a kernel. */
export interface Step {
  kernelName: string;
  kernelFunc: KernelFunc;
  inputs: Record<string, View>;
  attrs: NamedAttrMap;
  outputs: View[];
  /** Which of the tensors that the kernel makes are its outputs, by their order. */
  places: number[];
}

/** The kernel calls that lead from a model's inputs to its outputs, in their order. */
export interface Recording {
  inputs: Value[];
  steps: Step[];
  outputs: View[];
  /** To be given up by `release` when the recording is used no longer. */
  constants: Value[];
  /** Whether values were read on the way, so that the calls may depend on them. */
  read: boolean;
  /** What `compute` returned. */
  results: Tensor[];
}

/**
 * Runs `compute` on the WASM backend and notes every kernel that is called outside of other kernels. What
 * depends on nothing but constants is a constant, and is held with the others until its owner disposes
 * it. A kernel that returns one of its inputs makes no step: its output is a view.
 */
export function record(heap: Heap, inputs: Tensor[], compute: () => Tensor[]): Recording {
  const values = new Map<DataId, Value>();
  const steps: Step[] = [];
  const constants: Value[] = [];
  let depth = 0;
  let made: DataId[] = [];
  let read = false;

  const add = ({ dataId, shape, dtype }: TensorInfo, origin: Value['origin']): Value => {
    const size = util.sizeFromShape(shape);
    const bytes = size * util.bytesPerElement(dtype);
    const value: Value = { dataId, size, dtype, bytes, origin, address: 0 };
    values.set(dataId, value);
    if (origin === 'constant') {
      constants.push(value);
      heap.share({ dataId, shape, dtype });
      value.address = heap.address({ dataId });
      heap.kept?.add(value.address);
    }
    return value;
  };
  const view = ({ dataId, shape, dtype }: TensorInfo): View => {
    const value = values.get(dataId) ?? add({ dataId, shape, dtype }, 'constant');
    return { value, shape: [...shape], dtype };
  };
  const watch = (kernelName: string, kernelFunc: KernelFunc): KernelFunc => {
    return (call) => {
      if (depth > 0) return kernelFunc(call);
      const viewed = Object.entries(call.inputs).filter(([, tensor]) => tensor);
      const inputs = Object.fromEntries(viewed.map(([key, tensor]) => [key, view(tensor!)]));
      depth++;
      made = [];
      let result: TensorInfo | TensorInfo[];
      try {
        result = kernelFunc(call);
      } finally {
        depth--;
      }
      const infos = [result].flat();
      const fresh = infos.filter(({ dataId }) => !values.has(dataId));
      const constant = Object.values(inputs).every(({ value }) => value.origin === 'constant');
      for (const info of fresh) add(info, constant ? 'constant' : 'step');
      if (fresh.length > 0 && !constant) {
        const places = infos.map(({ dataId }) => made.indexOf(dataId));
        const outputs = infos.map(view);
        const attrs = (call.attrs ?? {}) as NamedAttrMap;
        // Some kernels take an array of tensors.
        const given = Array.isArray(call.inputs) ? (Object.values(inputs) as never) : inputs;
        steps.push({ kernelName, kernelFunc, inputs: given, attrs, outputs, places });
      }
      return result;
    };
  };

  for (const tensor of inputs) add(tensor, 'input');
  const kernels = getKernelsForBackend('wasm');
  const functions = kernels.map(({ kernelFunc }) => kernelFunc);
  for (const kernel of kernels) kernel.kernelFunc = watch(kernel.kernelName, kernel.kernelFunc);
  const hooks = {
    made: ({ dataId }: TensorInfo) => {
      made.push(dataId);
    },
    again: () => {
      made = [];
    },
    read: () => {
      read ||= depth === 0;
    },
  };
  try {
    const results = heap.intercept(hooks, compute);
    const outputs = results.map(view);
    const given = inputs.map(({ dataId }) => values.get(dataId)!);
    return { inputs: given, steps, outputs, constants, read, results };
  } catch (error) {
    release(heap, constants);
    throw error;
  } finally {
    for (const [i, kernel] of kernels.entries()) kernel.kernelFunc = functions[i]!;
  }
}

/** Whether all constants are where they were: tfjs moves them when another backend wants them. */
export function inPlace(heap: Heap, constants: Value[]): boolean {
  return constants.every(({ dataId, address }) => heap.address({ dataId }) === address);
}

/** Gives up the constants of a recording. */
export function release(heap: Heap, constants: Value[]): void {
  for (const { dataId, address } of constants) {
    heap.kept?.remove(address);
    heap.dispose({ dataId });
  }
}
