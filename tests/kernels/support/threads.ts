import { createHash } from 'node:crypto';
import {
  engine,
  type KernelBackend,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { Heap } from '../../../src/kernels/runtime/heap.js';
import { attrsOf, type Work } from './work.js';

/** The running backend's heap and threads, with what is private of them. */
export function runningThreads() {
  const heap = Heap.of(engine().registry.wasm as KernelBackend) as unknown as {
    useThreads(threads: number): Promise<void>;
    allocate(bytes: number): number;
    free(address: number): void;
    run(name: string, slices: number, args: number[]): void;
    threads: number;
    memory: WebAssembly.Memory;
    functions: {
      run(name: string, slices: number, args: number[], scratchBytes?: number): void;
      pool: {
        control: number;
        words: Int32Array;
        threads: { terminate(): Promise<void> }[];
        jobs: Record<'publish' | 'claim' | 'finish' | 'awaitUnits', (...args: number[]) => number>;
        run(job: object): number;
      } | null;
    };
  };
  return heap;
}

/** From so many jobs on, a thread takes a unit, of the first that has one left, and never finishes it. */
export function holdUnit(after: number): void {
  const { pool } = runningThreads().functions;
  const { publish, claim } = pool!.jobs;
  let [count, held] = [0, false];
  pool!.jobs = {
    ...pool!.jobs,
    publish: (control, units) => {
      publish(control!, units!);
      // The others may have been faster.
      if (++count >= after && !held) held = claim(control!, 0) >= 0;
      return 0;
    },
  };
}

/** What a kernel computes, each tensor as a digest of its bits; its tensors are disposed of. */
export function bitsOf(work: Work): string[] {
  let bits: string[] = [];
  engine().tidy(() => {
    const inputs = work.inputs() as NamedTensorMap;
    const outputs = engine().runKernel(work.kernelName, inputs, attrsOf(work));
    bits = ([outputs].flat() as Tensor[]).map(digest);
  });
  return bits;
}

export function digest(tensor: Tensor): string {
  const values = tensor.dataSync();
  return createHash('sha1').update(new Uint8Array(values.buffer)).digest('hex');
}
