import type { KernelFunction } from './binary.generated.js';
import { type ThreadPool, ThreadsLost } from './ThreadPool.js';

const ALIGNMENT = 64;

/**
 * So many calls of a function go slice by slice. V8 starts in a compiler whose code is several times
 * slower, and a call that has begun in it ends in it; the next slice may find the better code.
 */
const WARM_CALLS = 20;

/**
 * A call with less work than this, in milliseconds, isn't shared: waking threads and waiting for them costs more than
 * that saves where the cores are far from each other. A step of training takes as long with 0.006 or 0.1; predictions of
 * small networks, all of whose calls are short, take longer below. Tests change it.
 */
export const sharing = { threshold: 0.03 };

/** The costs of so many shapes are known of a function. */
const MOST_SHAPES = 256;

/** Arguments from here on are addresses, or, also below 0, distances between two. */
const LEAST_ADDRESS = 65536;

interface Call {
  kernel: (...args: number[]) => void;
  args: number[];
  slices: number;
  scratchBytes: number;
  singly: boolean;
}

/** The calls of our functions that a kernel made, to be made again at the same addresses. */
export interface Tape {
  calls: (() => void)[];
  /** Whether they are all that the kernel did. */
  whole: boolean;
}

/** What is known of a kernel function. */
interface Usage {
  /** Its index among the exports. */
  index: number;
  calls: number;
  /** Milliseconds that calls have taken of late, by the shapes that they worked on. */
  costs: Map<number, number>;
}

/**
 * The functions of our module on a memory. A call is shared among the threads of the pool, while there
 * is one, if it has work enough.
 */
export class Functions {
  readonly exports: WebAssembly.Exports;

  pool: ThreadPool | null = null;

  /** Takes down the calls that run on this thread alone while this is set. */
  tape: Tape | null = null;

  private readonly usage: Map<string, Usage>;

  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    /** Lends blocks of the given sizes in bytes for the time of one call. */
    private readonly scratch: <T>(bytes: number[], use: (addresses: number[]) => T) => T,
    /** Called when a thread has failed in the middle of a call, before its scratch is freed. */
    private readonly onLost: () => void,
  ) {
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    this.usage = new Map(names.map((name, index) => [name, { index, calls: 0, costs: new Map() }]));
  }

  /**
   * Runs a kernel function on slices 0 … `slices` − 1 of its outermost loop. The slices depend on
   * shapes alone and write to places of their own, so that they may run in any order, on any number
   * of threads, with the same result to the last bit. With `scratchBytes` the function gets scratch that
   * no other thread uses, as its last argument before the slices.
   *
   * Throws `ThreadsLost` when a thread fails in the middle.
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
    const shape = shapeOf(args, slices);
    const known = usage.costs.get(shape);
    const alone = known !== undefined && known < sharing.threshold;
    const start = performance.now();
    let cost: number | undefined;
    if (alone) this.runAlone(call);
    else cost = this.runShared(this.pool, usage.index, call, known ?? Number.POSITIVE_INFINITY);
    cost ??= performance.now() - start;
    if (usage.costs.size > MOST_SHAPES) usage.costs.clear();
    usage.costs.set(
      shape,
      known === undefined ? cost : known + (Math.min(cost, 2 * known) - known) / 4,
    );
  }

  private runAlone({ kernel, args, slices, scratchBytes, singly }: Call): void {
    if (scratchBytes > 0) {
      this.scratch([scratchBytes], ([scratch]) => {
        this.runAlone({ kernel, args: [...args, scratch!], slices, scratchBytes: 0, singly });
      });
      return;
    }
    // Bound: to spread the arguments at each call takes longer than some kernels.
    this.tape?.calls.push(kernel.bind(null, ...args, 0, slices));
    if (singly) {
      for (let slice = 0; slice < slices; slice++) kernel(...args, slice, slice + 1);
    } else kernel(...args, 0, slices);
  }

  /** Returns what the call would have taken alone, in milliseconds, if this thread has done some of it. */
  private runShared(pool: ThreadPool, index: number, call: Call, work: number): number | undefined {
    const { args, slices, singly } = call;
    const scratchBytes = Math.ceil(call.scratchBytes / ALIGNMENT) * ALIGNMENT;
    const run = (scratch: number) => {
      try {
        return pool.run({ kernel: index, args, slices, work, singly, scratch, scratchBytes });
      } catch (error) {
        // Before the scratch is freed.
        if (error instanceof ThreadsLost) this.onLost();
        throw error;
      }
    };
    return scratchBytes > 0
      ? this.scratch([scratchBytes * pool.size], ([scratch]) => run(scratch!))
      : run(0);
  }
}

/** A number for the shapes that a call works on, whatever the tensors' addresses are. */
function shapeOf(args: number[], slices: number): number {
  let shape = slices;
  for (const arg of args) {
    if (Math.abs(arg) < LEAST_ADDRESS && Number.isInteger(arg)) shape = (shape * 31 + arg) | 0;
  }
  return shape;
}
