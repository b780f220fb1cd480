import { spawn, type Thread } from './spawn.js';

/** The functions of assembly/jobs.ts. */
interface Jobs {
  publish(control: number, units: number): void;
  claim(control: number, thread: number): number;
  finish(control: number): void;
  awaitUnits(control: number, units: number, spins: number): number;
  dismiss(control: number): void;
}

/** One call of a kernel function, as slices. */
export interface Job {
  /** The function's index among the module's exports. */
  kernel: number;
  args: number[];
  slices: number;
  /** Milliseconds that they take together, or Infinity: what decides how finely they are dealt out. */
  work: number;
  /** Whether each slice is a call of its own. */
  singly: boolean;
  /** Scratch for all threads, or 0, and each one's bytes. */
  scratch: number;
  scratchBytes: number;
}

/** Bytes of the control block of so many threads, to be aligned to 64. */
export const controlBytes = (threads: number): number => 512 + 64 * threads;
/** The most arguments that fit into it. */
export const MAX_ARGS = 32;

// Positions in the control block, as in assembly/jobs.ts and src/worker.js.
const [ENLISTED, BROKEN, THREADS, JOB, ARGS] = [34, 35, 36, 48, 64];

/** Units of a job for each thread, at most: a thread that is slowed down takes fewer. */
const UNITS_PER_THREAD = 8;
/** Milliseconds of work in a unit, at least, while there is one for each thread: to take it costs a tenth of that. */
const UNIT_WORK = 0.01;

/** Milliseconds; tests change them. */
export const patience = {
  /** So long all threads together may finish nothing, before they are given up. */
  limit: 10_000,
  /** So long the main thread looks without a pause. */
  spinning: 1,
};

/** Looks between two glances at the clock: some 50 µs. */
const SPINS = 40_000;

/** Threads were given up in the middle of a job: what it has written is to be thrown away. */
export class ThreadsLost extends Error {
  override name = 'ThreadsLost';
}

/**
 * Threads besides this one that run kernel functions on a shared memory. They start by themselves
 * while work goes on without them; when they fail in the middle of a job they are ended for good.
 */
export class ThreadPool {
  /** Resolves when all threads take part; rejects, with the reason, when one can't. */
  readonly started: Promise<void>;

  private readonly threads: Thread[] = [];

  private readonly words: Int32Array;

  private readonly numbers: Float64Array;

  private running = true;

  private failure: Error | null = null;

  private readonly jobs: Jobs;

  private readonly functions: ((...args: number[]) => void)[];

  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    exports: WebAssembly.Exports,
    /** Address of a block of `controlBytes`. */
    private readonly control: number,
    /** All threads, this one too. */
    readonly size: number,
    workerUrl: string | undefined,
  ) {
    this.jobs = exports as unknown as Jobs;
    this.functions = functionsOf(module, exports);
    // A view made before the memory grows goes on working: the memory is shared.
    this.words = new Int32Array(memory.buffer, control, controlBytes(size) / 4);
    this.numbers = new Float64Array(memory.buffer, control + ARGS * 4, MAX_ARGS);
    this.words.fill(0);
    this.words[THREADS] = size;
    const up = Array.from({ length: size - 1 }, (_, i) => {
      return new Promise<void>((onUp, reject) => {
        const onFailure = (reason: Error) => {
          this.failure ??= reason;
          reject(reason);
        };
        const message = { module, memory, control, index: i + 1 };
        this.threads.push(spawn({ message, workerUrl, onUp, onFailure }));
      });
    });
    this.started = Promise.all(up).then(() => {});
    // Work goes on all the same, for who doesn't ask.
    this.started.catch(() => {});
  }

  /** Whether a job would be shared now. */
  get ready(): boolean {
    return this.running && this.words[ENLISTED]! > 0;
  }

  /**
   * Runs all slices of a job. Returns the milliseconds that they would have taken on this thread, by the units that it
   * took, if any: without what it costs to share them. Throws `ThreadsLost` when a thread doesn't finish what it has
   * begun.
   */
  run({ kernel, args, slices, work, singly, scratch, scratchBytes }: Job): number | undefined {
    const { claim, finish, publish } = this.jobs;
    const worthwhile = Math.max(this.size, Math.floor(work / UNIT_WORK));
    const units = Math.min(slices, worthwhile, UNITS_PER_THREAD * this.size);
    const { words, numbers } = this;
    const what = [kernel, units, slices, Number(singly), scratch, scratchBytes, args.length];
    // TypedArray.prototype.set would take as long as all else here.
    for (let i = 0; i < what.length; i++) words[JOB + i] = what[i]!;
    for (let i = 0; i < args.length; i++) numbers[i] = args[i]!;
    publish(this.control, units);
    const call = this.functions[kernel]!;
    const own = scratchBytes > 0 ? [...args, scratch] : args;
    let trap: unknown;
    let taken = 0;
    const start = performance.now();
    for (let unit = claim(this.control, 0); unit >= 0; unit = claim(this.control, 0)) {
      try {
        const begin = Math.floor((unit * slices) / units);
        const end = Math.floor(((unit + 1) * slices) / units);
        const step = singly ? 1 : end - begin;
        for (let i = begin; i < end; i += step) call(...own, i, i + step);
      } catch (error) {
        trap = error;
      }
      finish(this.control);
      taken++;
    }
    const time = performance.now() - start;
    this.join(units);
    if (trap) throw trap;
    return taken > 0 ? (time * units) / taken : undefined;
  }

  /** Waits for the other threads' units. */
  private join(units: number): void {
    const { awaitUnits } = this.jobs;
    let done = awaitUnits(this.control, units, SPINS);
    if (done === units) return;
    const start = performance.now();
    for (let progress = start; ; ) {
      const now = awaitUnits(this.control, units, SPINS);
      if (now === units) return;
      const time = performance.now();
      if (Atomics.load(this.words, BROKEN)) this.lose('one has failed');
      if (now !== done) [done, progress] = [now, time];
      else if (time - progress > patience.limit) {
        this.lose(`one has not finished its work within ${patience.limit} ms`);
      }
      // The thread that is waited for may want this core.
      if (time - start > patience.spinning) pause();
    }
  }

  private lose(what: string): never {
    const reason = this.failure ? `: ${this.failure.message}` : '';
    const message = `tfjs-blocks: the WASM threads are given up, ${what}${reason}`;
    console.warn(`${message}. The work goes on with one thread; its results are right.`);
    throw new ThreadsLost(message);
  }

  /** Ends the threads, for good; resolves when none can write to memory any more. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.jobs.dismiss(this.control);
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}

/** A module's exports by index: so a job names its kernel. */
function functionsOf(module: WebAssembly.Module, exports: WebAssembly.Exports) {
  const all = WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
  return all as ((...args: number[]) => void)[];
}

let mayWait = true;
const pauseWord =
  typeof SharedArrayBuffer === 'undefined' ? null : new Int32Array(new SharedArrayBuffer(4));

/** Gives this core to others for a moment, where that is allowed: not on a page's main thread. */
function pause(): void {
  if (!mayWait || !pauseWord) return;
  try {
    Atomics.wait(pauseWord, 0, 0, 0.1);
  } catch {
    mayWait = false;
  }
}
