import {
  type DataId,
  type DataType,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Arena } from './Arena.js';
import type { KernelFunction } from './binary.generated.js';
import { Functions, type Tape } from './functions.js';
import { guardMemory, holdFrees } from './guard.js';
import { type Hooks, intercept } from './intercept.js';
import type { Kept } from './Kept.js';
import { kernelModule } from './module.js';
import { Scratch } from './Scratch.js';
import { controlBytes, ThreadPool, ThreadsLost } from './ThreadPool.js';

/** What tfjs-backend-wasm 4.22 keeps to itself and we rely on. No other file reads it. */
export interface WasmBackend {
  wasm: {
    /** The threaded build has its memory here, the others have it in `asm`. */
    wasmMemory?: WebAssembly.Memory;
    asm?: { memory?: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
    tfjs: {
      disposeData(id: number): void;
      registerTensor(id: number, size: number, address: number): void;
    };
  } | null;
  incRef(dataId: DataId): void;
  disposeData(dataId: DataId): boolean;
  dataIdMap: {
    get(dataId: DataId): {
      id: number;
      memoryOffset: number;
      shape: number[];
      refCount: number;
    };
    delete(dataId: DataId): void;
  };
  makeOutput(shape: number[], dtype: DataType, address?: number): TensorInfo;
  read(dataId: DataId): Promise<unknown>;
  readSync(dataId: DataId): unknown;
  dispose(): void;
}

/** An output and where its values are to be written. */
export interface Output {
  info: TensorInfo;
  address: number;
}

const ALIGNMENT = 64;

/**
 * A WASM backend's memory, as our kernels see it: addresses of tensors, room for outputs and scratch,
 * and the kernels' functions bound to it.
 *
 * Only addresses are handed out, never views: a view dies when the backend's memory grows. The file is longer
 * than others because nothing else may know the backend's internals.
 */
export class Heap {
  private readonly functions: Functions;

  /** Where the pool's control block was allocated. */
  private block = 0;

  /** What the kernel that is running has made so far. */
  private made: TensorInfo[] | null = null;

  private hooks: Hooks = {};

  private keeper: Kept | null = null;

  private readonly lent = new Scratch(
    (bytes) => this.allocate(bytes),
    (address) => this.free(address),
  );

  /** Where the memory that holds an allocated address begins. */
  private readonly starts = new Map<number, number>();

  private constructor(
    private readonly backend: WasmBackend,
    private readonly memory: WebAssembly.Memory,
    private readonly module: WebAssembly.Module,
  ) {
    this.functions = new Functions(
      module,
      memory,
      (bytes, use) => this.scratch(bytes, use),
      () => this.endThreads(),
    );
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

  /** Gives a backend another heap if another build of the module is wanted by now. */
  static renew(backend: KernelBackend): void {
    const heap = heaps.get(backend);
    if (!heap || heap.module === kernelModule(isShared(heap.memory))) return;
    heap.endThreads();
    heap.lent.release();
    heaps.delete(backend);
  }

  private static bind(backend: WasmBackend): Heap | null {
    const memory = memoryOf(backend);
    if (!memory) return null;
    const module = kernelModule(isShared(memory));
    return module && new Heap(backend, memory, module);
  }

  /** The backend whose memory it is. */
  get owner(): KernelBackend {
    return this.backend as unknown as KernelBackend;
  }

  /** Whether the backend has not been disposed. */
  get alive(): boolean {
    return this.backend.wasm !== null;
  }

  /** Whether two tensors of so many bytes hold the same to the last bit. */
  equal(a: DataId, b: DataId, bytes: number): boolean {
    const { dataIdMap } = this.backend;
    const [x, y] = [a, b].map((id) => {
      return new Uint8Array(this.memory.buffer, dataIdMap.get(id).memoryOffset, bytes);
    });
    return x!.every((byte, i) => byte === y![i]);
  }

  /** The first value of a tensor of floats. */
  number(dataId: DataId): number {
    const { memoryOffset } = this.backend.dataIdMap.get(dataId);
    return new DataView(this.memory.buffer).getFloat32(memoryOffset, true);
  }

  /** Where a tensor's values start. */
  address(tensor: Pick<TensorInfo, 'dataId'>): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** Whether no other tensor has the same values in the same place. */
  isSole(tensor: Pick<TensorInfo, 'dataId'>): boolean {
    return this.backend.dataIdMap.get(tensor.dataId).refCount === 1;
  }

  /**
   * Says that a tensor has other values in the same place: XNNPACK, by which some of stock's kernels compute, keeps
   * what it has packed of weights for as long as the tensor is registered.
   */
  forgetPacked({ dataId }: Pick<TensorInfo, 'dataId'>): void {
    const { id, shape, memoryOffset } = this.backend.dataIdMap.get(dataId);
    const { tfjs } = this.backend.wasm!;
    tfjs.disposeData(id);
    tfjs.registerTensor(id, util.sizeFromShape(shape), memoryOffset);
  }

  /** A new tensor, not initialised. */
  output(shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): Output {
    const info = this.backend.makeOutput(shape, dtype);
    this.made?.push(info);
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
    this.spoilTape();
    const output = kernelFunc({ inputs, attrs, backend: this.backend }) as TensorInfo;
    this.made?.push(output);
    return output;
  }

  /** Frees a tensor that `output`, `share` or `call` made for use inside a kernel. */
  dispose({ dataId }: Pick<TensorInfo, 'dataId'>): void {
    this.backend.disposeData(dataId);
  }

  /** Lends blocks of the given sizes in bytes for the time of one call: see `Scratch`. */
  scratch<T>(bytes: number[], use: (addresses: number[]) => T): T {
    return this.lent.use(bytes, use);
  }

  /**
   * Lends what `fill` makes of a tensor at an address, such as a packed filter: kept where the tensor is
   * known to be constant, for the time of one call otherwise (or with a `source` of null).
   */
  prepared(
    source: number | null,
    kind: string,
    bytes: number,
    fill: (to: number) => void,
    use: (address: number) => void,
  ): void {
    if (source !== null && this.isConstant(source)) {
      use(this.kept!.block(source, kind, bytes, fill));
      return;
    }
    this.scratch([bytes], ([block]) => {
      fill(block!);
      use(block!);
    });
  }

  /** What keeps the things that are made of constants now, if they are kept. */
  get kept(): Kept | null {
    return this.keeper;
  }

  /** Whether what is at an address is known to stay as it is. */
  isConstant(address: number): boolean {
    return this.keeper?.isConstant(address) ?? false;
  }

  /** Runs `work`, during which what is made of constants stays in `kept`. */
  keeping<T>(kept: Kept, work: () => T): T {
    const outer = this.keeper;
    this.keeper = kept;
    try {
      return work();
    } finally {
      this.keeper = outer;
    }
  }

  /** Runs `work`, during which scratch comes from an arena, as far as that reaches. */
  lending<T>(arena: Arena, work: () => T): T {
    return this.lent.from(arena, work);
  }

  /**
   * Memory that is the caller's until it is freed; not initialised. It begins where a line of the cache does:
   * vectors that cross from one line to another take longer, and a panel of 16 channels is one.
   */
  allocate(bytes: number): number {
    const start = this.malloc(bytes + ALIGNMENT);
    const address = Math.ceil(start / ALIGNMENT) * ALIGNMENT;
    this.starts.set(address, start);
    return address;
  }

  /** The same, wherever it begins: it fits where another of its size has been freed. */
  allocateExactly(bytes: number): number {
    const start = this.malloc(bytes);
    this.starts.set(start, start);
    return start;
  }

  private malloc(bytes: number): number {
    this.spoilTape();
    return this.backend.wasm!._malloc(bytes) >>> 0;
  }

  /**
   * Runs a kernel function on slices 0 … `slices` − 1 of its outermost loop: see `Functions`. Throws
   * `ThreadsLost` when a thread fails in the middle: see `attempt`.
   */
  run(name: KernelFunction, slices: number, args: number[], scratchBytes = 0): void {
    const { functions } = this;
    const { tape, pool } = functions;
    if (!tape || !pool) {
      functions.run(name, slices, args, scratchBytes);
      return;
    }
    const call = () => functions.run(name, slices, args, scratchBytes);
    tape.calls.push(this.taken(this.lent.around(call)));
    functions.tape = null;
    try {
      call();
    } finally {
      functions.tape = tape;
    }
  }

  /**
   * A call to be made again, with scratch above what is lent around it now. Who does what is decided each time,
   * until the other threads are there and it is left to this one: then it is short, and stays as it is.
   */
  private taken(call: () => void): () => void {
    const { functions } = this;
    let alone: (() => void) | undefined;
    return () => {
      if (alone) {
        alone();
        return;
      }
      const { calls, whole } = this.taped(call);
      if (whole && functions.pool?.ready) [alone] = calls;
    };
  }

  /** The calls of our functions that `work` makes. */
  taped(work: () => void): Tape {
    const tape: Tape = { calls: [], whole: true };
    this.functions.tape = tape;
    try {
      work();
    } finally {
      this.functions.tape = null;
    }
    return tape;
  }

  /** Says that the kernel which is running does more than call our functions. */
  spoilTape(): void {
    if (this.functions.tape) this.functions.tape.whole = false;
  }

  /** Copies bytes from one address to another. */
  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Frees what was allocated, if the backend is still there. */
  free(address: number): void {
    this.backend.wasm?._free(this.starts.get(address)!);
    this.starts.delete(address);
  }

  /** A tensor in memory of the caller's, which stays the caller's: to be given up by `displace`. */
  place(shape: number[], dtype: DataType, address: number): TensorInfo {
    const info = this.backend.makeOutput(shape, dtype, address);
    this.backend.dataIdMap.get(info.dataId).refCount = Number.POSITIVE_INFINITY;
    return info;
  }

  displace({ dataId }: TensorInfo): void {
    const { wasm, dataIdMap } = this.backend;
    wasm?.tfjs.disposeData(dataIdMap.get(dataId).id);
    dataIdMap.delete(dataId);
  }

  /** Runs `work`, and tells `hooks` what the backend is asked for. */
  intercept<T>(hooks: Hooks, work: () => T): T {
    const outer = this.hooks;
    this.hooks = hooks;
    try {
      return intercept(this.backend, hooks, work);
    } finally {
      this.hooks = outer;
    }
  }

  /**
   * Runs a kernel, and once more on this thread alone when others are lost in the middle. That is right
   * because what threads share never writes to a kernel's inputs.
   */
  attempt<T>(kernel: () => T): T {
    if (!this.functions.pool) return kernel();
    const outer = this.made;
    this.made = [];
    try {
      return kernel();
    } catch (error) {
      if (!(error instanceof ThreadsLost)) throw error;
      for (const info of this.made) this.dispose(info);
      this.hooks.again?.();
      return kernel();
    } finally {
      this.made = outer;
    }
  }

  /** How many threads share the work of a kernel. */
  get threads(): number {
    return this.functions.pool?.size ?? 1;
  }

  /**
   * Shares the work of later kernels among so many threads, this one included, where the memory is
   * shared. Resolves when all take part, rejects when one can't start.
   */
  async useThreads(threads: number, workerUrl?: string): Promise<void> {
    if (!isShared(this.memory)) return;
    if (threads !== this.threads) {
      this.endThreads();
      this.endWithBackend();
      if (threads > 1) this.functions.pool = this.startThreads(threads, workerUrl);
    }
    await this.functions.pool?.started;
  }

  private startThreads(threads: number, workerUrl?: string): ThreadPool {
    const { backend, module, memory } = this;
    const { exports } = this.functions;
    const block = backend.wasm!._malloc(controlBytes(threads) + ALIGNMENT) >>> 0;
    const control = Math.ceil(block / ALIGNMENT) * ALIGNMENT;
    this.block = block;
    return new ThreadPool(module, memory, exports, control, threads, workerUrl);
  }

  private endWithBackend(): void {
    if (Object.hasOwn(this.backend, 'dispose')) return;
    this.backend.dispose = () => {
      heaps.get(this.owner)?.endThreads();
      // The class's own.
      Object.getPrototypeOf(this.backend).dispose.call(this.backend);
    };
  }

  /** Ends the threads. What is freed while one may still write is kept until that is over. */
  endThreads(): void {
    const { backend, functions } = this;
    const { pool } = functions;
    functions.pool = null;
    if (!pool) return;
    holdFrees(backend.wasm!, pool.stop());
    backend.wasm!._free(this.block);
    this.lent.release();
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
