import {
  type DataId,
  type DataType,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Arena } from './Arena.js';
import type { KernelFunction } from './binary.generated.js';
import { guardMemory, holdFrees } from './guard.js';
import { type Hooks, intercept } from './intercept.js';
import type { Kept } from './Kept.js';
import { kernelModule } from './module.js';
import { CONTROL_BYTES, ThreadPool, ThreadsLost } from './ThreadPool.js';

/** What tfjs-backend-wasm 4.22 keeps to itself and we rely on. No other file reads it. */
export interface WasmBackend {
  wasm: {
    /** The threaded build has its memory here, the others have it in `asm`. */
    wasmMemory?: WebAssembly.Memory;
    asm?: { memory?: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
    tfjs: { disposeData(id: number): void };
  } | null;
  incRef(dataId: DataId): void;
  disposeData(dataId: DataId): boolean;
  dataIdMap: {
    get(dataId: DataId): { id: number; memoryOffset: number; refCount: number };
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
 * So many calls of a function go slice by slice. V8 starts in a compiler whose code is several times
 * slower, and a call that has begun in it ends in it; the next slice may find the better code.
 */
const WARM_CALLS = 20;

/**
 * A call with less work than this, in microseconds, isn't shared: waking threads and waiting for them
 * would cost more than they save. Tests change it.
 */
export const sharing = { threshold: 20 };

interface Call {
  kernel: (...args: number[]) => void;
  args: number[];
  slices: number;
  scratchBytes: number;
  singly: boolean;
}

/** The calls of our functions that a kernel made, to be made again at the same addresses. */
export interface Tape {
  calls: { kernel: (...args: number[]) => void; args: number[] }[];
  /** Whether they are all that the kernel did. */
  whole: boolean;
}

/** What is known of a kernel function. */
interface Usage {
  /** Its index among the exports. */
  index: number;
  calls: number;
  /** Microseconds a slice, in the mean of late calls, by the order of magnitude of their slices. */
  cost: (number | undefined)[];
}

/**
 * A WASM backend's memory, as our kernels see it: addresses of tensors, room for outputs and scratch,
 * and the kernels' functions bound to it.
 *
 * Only addresses are handed out, never views: a view dies when the backend's memory grows. The file is longer
 * than others because nothing else may know the backend's internals.
 */
export class Heap {
  private readonly exports: WebAssembly.Exports;

  private readonly usage: Map<string, Usage>;

  private pool: ThreadPool | null = null;

  /** Where the pool's control block was allocated. */
  private block = 0;

  /** What the kernel that is running has made so far. */
  private made: TensorInfo[] | null = null;

  private hooks: Hooks = {};

  /** What is made of constants while this is set stays there. */
  kept: Kept | null = null;

  /** Takes down the calls of our functions on this thread while this is set. */
  tape: Tape | null = null;

  /** Where scratch comes from while this is set, as far as it reaches. */
  arena: Arena | null = null;

  private constructor(
    private readonly backend: WasmBackend,
    private readonly memory: WebAssembly.Memory,
    private readonly module: WebAssembly.Module,
  ) {
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    this.usage = new Map(names.map((name, index) => [name, { index, calls: 0, cost: [] }]));
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

  /**
   * Lends blocks of the given sizes in bytes for the time of one call; they are freed when it ends,
   * also when it throws. Each block starts on a cache line.
   */
  scratch<T>(bytes: number[], use: (addresses: number[]) => T): T {
    const { arena } = this;
    const aligned = bytes.map((n) => Math.ceil(n / ALIGNMENT) * ALIGNMENT);
    const total = aligned.reduce((sum, n) => sum + n, ALIGNMENT);
    const lent = arena?.take(total) ?? null;
    const block = lent ?? this.allocate(total);
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
      arena?.give(total);
      if (lent === null) this.free(block);
    }
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
    if (source !== null && this.kept?.isConstant(source)) {
      use(this.kept.block(source, kind, bytes, fill));
      return;
    }
    this.scratch([bytes], ([block]) => {
      fill(block!);
      use(block!);
    });
  }

  /** Memory that is the caller's until it is freed; not initialised. */
  allocate(bytes: number): number {
    this.spoilTape();
    return this.backend.wasm!._malloc(bytes) >>> 0;
  }

  /** Says that the kernel which is running does more than call our functions. */
  spoilTape(): void {
    if (this.tape) this.tape.whole = false;
  }

  /** Copies bytes from one address to another. */
  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Frees what was allocated, if the backend is still there. */
  free(address: number): void {
    this.backend.wasm?._free(address);
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
   * Runs a kernel function on slices 0 … `slices` − 1 of its outermost loop. The slices depend on
   * shapes alone and write to places of their own, so that they may run in any order, on any number
   * of threads, with the same result to the last bit. With `scratchBytes` the function gets scratch that
   * no other thread uses, as its last argument before the slices.
   *
   * Throws `ThreadsLost` when a thread fails in the middle: see `attempt`.
   */
  run(name: KernelFunction, slices: number, args: number[], scratchBytes = 0): void {
    const kernel = this.exports[name] as (...args: number[]) => void;
    const count = kernel.length - 2 - Number(scratchBytes > 0);
    if (count !== args.length) {
      throw new Error(`${name} takes ${count} arguments, got ${args.length}`);
    }
    if (slices <= 0) return;
    const usage = this.usage.get(name)!;
    const call = { kernel, args, slices, scratchBytes, singly: usage.calls++ < WARM_CALLS };
    if (!this.pool?.ready || slices === 1) {
      this.runAlone(call);
      return;
    }
    // The same function takes longer on larger tensors, which mostly have more slices.
    const magnitude = Math.clz32(slices);
    const known = usage.cost[magnitude];
    const alone = known !== undefined && known * slices < sharing.threshold;
    const start = performance.now();
    if (alone) this.runAlone(call);
    else this.runShared(this.pool, usage.index, call, (known ?? Number.POSITIVE_INFINITY) * slices);
    const work = (performance.now() - start) * 1000 * (alone ? 1 : this.threads);
    const cost = work / slices;
    usage.cost[magnitude] = known === undefined ? cost : (known + cost) / 2;
  }

  private runAlone({ kernel, args, slices, scratchBytes, singly }: Call): void {
    if (scratchBytes > 0) {
      this.scratch([scratchBytes], ([scratch]) => {
        this.runAlone({ kernel, args: [...args, scratch!], slices, scratchBytes: 0, singly });
      });
      return;
    }
    this.tape?.calls.push({ kernel, args: [...args, 0, slices] });
    if (singly) {
      for (let slice = 0; slice < slices; slice++) kernel(...args, slice, slice + 1);
    } else kernel(...args, 0, slices);
  }

  private runShared(pool: ThreadPool, index: number, call: Call, work: number): void {
    const { args, slices, singly } = call;
    const scratchBytes = Math.ceil(call.scratchBytes / ALIGNMENT) * ALIGNMENT;
    const run = (scratch: number) => {
      try {
        pool.run({ kernel: index, args, slices, work, singly, scratch, scratchBytes });
      } catch (error) {
        // Before the scratch is freed.
        if (error instanceof ThreadsLost) this.endThreads();
        throw error;
      }
    };
    if (scratchBytes === 0) run(0);
    else this.scratch([scratchBytes * pool.size], ([scratch]) => run(scratch!));
  }

  /**
   * Runs a kernel, and once more on this thread alone when others are lost in the middle. That is right
   * because kernels never write to their inputs.
   */
  attempt<T>(kernel: () => T): T {
    if (!this.pool) return kernel();
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
    return this.pool?.size ?? 1;
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
      if (threads > 1) this.pool = this.startThreads(threads, workerUrl);
    }
    await this.pool?.started;
  }

  private startThreads(threads: number, workerUrl?: string): ThreadPool {
    const { backend, module, memory, exports } = this;
    const block = backend.wasm!._malloc(CONTROL_BYTES + ALIGNMENT) >>> 0;
    const control = Math.ceil(block / ALIGNMENT) * ALIGNMENT;
    this.block = block;
    return new ThreadPool(module, memory, exports, control, threads, workerUrl);
  }

  private endWithBackend(): void {
    if (Object.hasOwn(this.backend, 'dispose')) return;
    this.backend.dispose = () => {
      this.endThreads();
      // The class's own.
      Object.getPrototypeOf(this.backend).dispose.call(this.backend);
    };
  }

  /** Ends the threads. What is freed while one may still write is kept until that is over. */
  endThreads(): void {
    const { pool, backend } = this;
    this.pool = null;
    if (!pool) return;
    holdFrees(backend.wasm!, pool.stop());
    backend.wasm!._free(this.block);
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
