import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from './runtime/heap.js';

/** A kernel for the WASM backend: one entry of the list that drives registration, tests and benches. */
export interface Kernel<Inputs = never, Attrs = never> {
  /**
   * The name in tfjs's kernel registry. Names that tfjs doesn't know begin with `Blocks`; such a kernel is
   * registered only where the backend's memory can be reached.
   */
  kernelName: string;
  /** Computes on the backend's own memory. Null leaves the case to `composed` or to stock. */
  run(heap: Heap, inputs: Inputs, attrs: Attrs): TensorInfo | TensorInfo[] | null;
  /** The same from stock kernels, for where the memory can't be reached. Default: the stock kernel. */
  composed?(inputs: Inputs, attrs: Attrs): Tensor | Tensor[];
}
