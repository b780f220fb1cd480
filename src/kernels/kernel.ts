import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';

/** A kernel for the WASM backend: one entry of the list that drives registration, tests and benches. */
export interface Kernel<Inputs = never, Attrs = never> {
  /** The name in tfjs's kernel registry. */
  kernelName: string;
  /** Computes on the backend's own memory. */
  run(heap: Heap, inputs: Inputs, attrs: Attrs): TensorInfo | TensorInfo[];
  /** The same from stock kernels, for where the memory can't be reached. Default: the stock kernel. */
  composed?(inputs: Inputs, attrs: Attrs): Tensor | Tensor[];
}
