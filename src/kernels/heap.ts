import {
  type DataId,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { KernelFunction } from './binary.generated.js';
import { guardMemory } from './guard.js';
import { kernelModule } from './module.js';

/** What tfjs-backend-wasm 4.22 keeps to itself and we rely on. No other file reads it. */
export interface WasmBackend {
  wasm: {
    /** The threaded build has its memory here, the others have it in `asm`. */
    wasmMemory?: WebAssembly.Memory;
    asm?: { memory?: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  } | null;
  incRef(dataId: DataId): void;
  disposeData(dataId: DataId): boolean;
  dataIdMap: { get(dataId: DataId): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32' | 'int32' | 'bool'): TensorInfo;
}

/** An output and where its values are to be written. */
export interface Output {
  info: TensorInfo;
  address: number;
}

const ALIGNMENT = 64;

/**
 * So many calls of a function go slice by slice. V8 starts in a compiler whose code is several times
 * slower, and a call that has begun in it ends in it; the next slice may find the better code.
 */
const WARM_CALLS = 20;

/**
 * A WASM backend's memory, as our kernels see it: addresses of tensors, room for outputs and scratch,
 * and the kernels' functions bound to it.
 *
 * Only addresses are handed out, never views: a view dies when the backend's memory grows.
 */
export class Heap {
  private readonly functions: Record<string, (...args: number[]) => void>;

  private readonly calls = new Map<KernelFunction, number>();

  private constructor(
    private readonly backend: WasmBackend,
    memory: WebAssembly.Memory,
    module: WebAssembly.Module,
  ) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.functions = exports as Record<string, (...args: number[]) => void>;
  }

  /** The heap of a backend, or null where its memory is out of reach or SIMD is missing. */
  static of(backend: KernelBackend): Heap | null {
    let heap = heaps.get(backend);
    if (heap === undefined) {
      heap = Heap.bind(backend as unknown as WasmBackend);
      heaps.set(backend, heap);
    }
    return heap;
  }

  private static bind(backend: WasmBackend): Heap | null {
    const memory = memoryOf(backend);
    if (!memory) return null;
    const module = kernelModule(isShared(memory));
    return module && new Heap(backend, memory, module);
  }

  /** Where a tensor's values start. */
  address(tensor: TensorInfo): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** A new tensor, not initialised. */
  output(shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): Output {
    const info = this.backend.makeOutput(shape, dtype);
    return { info, address: this.address(info) };
  }

  /** The values of a tensor as another tensor, of the same number of elements, without a copy. */
  share({ dataId, shape, dtype }: TensorInfo, newShape = shape): TensorInfo {
    this.backend.incRef(dataId);
    return { dataId, shape: newShape, dtype };
  }

  /** Runs the kernel that is registered under a name, ours or stock's. */
  call(kernelName: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap = {}): TensorInfo {
    const { kernelFunc } = getKernel(kernelName, 'wasm')!;
    return kernelFunc({ inputs, attrs, backend: this.backend }) as TensorInfo;
  }

  /** Frees a tensor that `output`, `share` or `call` made for use inside a kernel. */
  dispose({ dataId }: TensorInfo): void {
    this.backend.disposeData(dataId);
  }

  /**
   * Lends blocks of the given sizes in bytes for the time of one call; they are freed when it ends,
   * also when it throws. Each block starts on a cache line.
   */
  scratch<T>(bytes: number[], use: (addresses: number[]) => T): T {
    const { wasm } = this.backend;
    const aligned = bytes.map((n) => Math.ceil(n / ALIGNMENT) * ALIGNMENT);
    const total = aligned.reduce((sum, n) => sum + n, ALIGNMENT);
    const block = wasm!._malloc(total) >>> 0;
    try {
      let next = Math.ceil(block / ALIGNMENT) * ALIGNMENT;
      return use(
        aligned.map((n) => {
          const address = next;
          next += n;
          return address;
        }),
      );
    } finally {
      wasm!._free(block);
    }
  }

  /**
   * Runs a kernel function on slices 0 … `slices` − 1 of its outermost loop. The slices depend on
   * shapes alone and write to places of their own, so that they may run in any order, on any number
   * of threads, with the same result to the last bit. With `scratchBytes` the function gets scratch that
   * no other thread uses, as its last argument before the slices.
   */
  run(name: KernelFunction, slices: number, args: number[], scratchBytes = 0): void {
    if (scratchBytes > 0) {
      this.scratch([scratchBytes], ([scratch]) => this.run(name, slices, [...args, scratch!]));
      return;
    }
    const kernel = this.functions[name]!;
    if (kernel.length !== args.length + 2) {
      throw new Error(`${name} takes ${kernel.length - 2} arguments, got ${args.length}`);
    }
    const calls = this.calls.get(name) ?? 0;
    this.calls.set(name, calls + 1);
    if (calls >= WARM_CALLS) {
      if (slices > 0) kernel(...args, 0, slices);
    } else {
      for (let slice = 0; slice < slices; slice++) kernel(...args, slice, slice + 1);
    }
  }
}

const heaps = new WeakMap<KernelBackend, Heap | null>();

/** Makes running out of memory an error on this backend; returns what undoes it. */
export function guardBackend(backend: KernelBackend): () => void {
  const { wasm } = backend as unknown as WasmBackend;
  const memory = memoryOf(backend as unknown as WasmBackend);
  return wasm && memory ? guardMemory(wasm, memory) : () => {};
}

function memoryOf({ wasm }: WasmBackend): WebAssembly.Memory | null {
  const memory = wasm?.wasmMemory ?? wasm?.asm?.memory;
  return memory instanceof WebAssembly.Memory ? memory : null;
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
}
