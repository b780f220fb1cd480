import type { KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { Arena } from '../runtime/Arena.js';
import type { Tape } from '../runtime/functions.js';
import type { Heap } from '../runtime/heap.js';
import { layout, type Span } from './layout.js';
import type { Recording, Step, Value, View } from './record.js';

/** A step with its tensors at their places. */
interface Call {
  kernelFunc: KernelFunc;
  inputs: Record<string, TensorInfo>;
  attrs: NamedAttrMap;
  /** Those of the inputs that have other values each time. */
  changing: TensorInfo[];
  /** The tensors that the kernel's outputs are, by the order in which it makes tensors. */
  placed: (TensorInfo | undefined)[];
  /** What the kernel does with these tensors, once it is known, if it does nothing but call our functions. */
  tape?: Tape;
}

/**
 * A recorded program that runs again and again, on inputs of the same shapes, and allocates nothing but
 * its outputs: every other tensor has its place in one block of memory. Inputs are copied in and outputs
 * out, so that all addresses stay what they are, and a kernel of ours need not be asked again which
 * functions it calls.
 */
export class Replay {
  readonly #heap: Heap;
  readonly #inputs: Value[];
  readonly #outputs: View[];
  readonly #calls: Call[];
  readonly #placed = new Map<Value, TensorInfo>();
  readonly #block: number;
  #arena = new Arena(0, 0);
  /** Runs so far; only the first has to pack filters and find out how much scratch there must be. */
  #runs = 0;
  /** What the tapes were made with: who does what depends on it. */
  #threads = 0;

  constructor(heap: Heap, { inputs, steps, outputs }: Recording) {
    this.#heap = heap;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#block = this.#place(steps);
    this.#calls = steps.map((step) => this.#call(step));
  }

  /** Gives each value but the constants its place; returns the address of them all. */
  #place(steps: Step[]): number {
    const spans = new Map<Value, Span>();
    for (const value of this.#inputs) spans.set(value, { bytes: value.bytes, first: 0, last: 0 });
    for (const [i, step] of steps.entries()) {
      for (const { value } of Object.values(step.inputs)) {
        const span = spans.get(value);
        if (span) span.last = i;
      }
      for (const { value } of step.outputs) {
        if (!spans.has(value)) spans.set(value, { bytes: value.bytes, first: i, last: i });
      }
    }
    for (const { value } of this.#outputs) {
      const span = spans.get(value);
      if (span) span.last = steps.length;
    }
    const { offsets, bytes } = layout([...spans.values()]);
    const address = this.#heap.allocate(bytes);
    for (const [i, value] of [...spans.keys()].entries()) {
      const { size, dtype } = value;
      this.#placed.set(value, this.#heap.place([size], dtype, address + offsets[i]!));
    }
    return address;
  }

  #tensor({ value, shape, dtype }: View): TensorInfo {
    return { dataId: this.#placed.get(value)?.dataId ?? value.dataId, shape, dtype };
  }

  #call({ kernelFunc, inputs, attrs, outputs, places }: Step): Call {
    const entries = Object.entries(inputs).map(([key, view]) => [key, this.#tensor(view)] as const);
    const given = Array.isArray(inputs)
      ? entries.map(([, tensor]) => tensor)
      : Object.fromEntries(entries);
    const placed: Call['placed'] = [];
    for (const [i, view] of outputs.entries()) placed[places[i]!] = this.#tensor(view);
    const changing = Object.values(inputs)
      .filter(({ value }) => this.#placed.has(value))
      .map((view) => this.#tensor(view));
    return { kernelFunc, inputs: given as Call['inputs'], attrs, changing, placed };
  }

  /** The outputs for these inputs, as tensors of the caller's. */
  run(inputs: TensorInfo[]): TensorInfo[] {
    const heap = this.#heap;
    for (const [i, value] of this.#inputs.entries()) {
      heap.copy(heap.address(inputs[i]!), heap.address(this.#placed.get(value)!), value.bytes);
    }
    this.#runCalls();
    return this.#outputs.map((view) => {
      const output = heap.output(view.shape, view.dtype as 'float32');
      heap.copy(heap.address(this.#tensor(view)), output.address, view.value.bytes);
      return output.info;
    });
  }

  #runCalls(): void {
    const heap = this.#heap;
    if (heap.threads !== this.#threads) this.#dropTapes();
    this.#threads = heap.threads;
    let placed: Call['placed'] = [];
    let made = 0;
    const hooks = {
      output: () => placed[made++],
      made: () => heap.spoilTape(),
      again: () => {
        made = 0;
      },
    };
    const tapes = this.#runs++ > 0;
    const run = (call: Call) => {
      ({ placed } = call);
      made = 0;
      const { kernelFunc, inputs, attrs, changing } = call;
      for (const input of changing) heap.forgetPacked(input);
      kernelFunc({ inputs, attrs, backend: heap.owner });
    };
    heap.lending(this.#arena, () =>
      heap.intercept(hooks, () => {
        for (const call of this.#calls) {
          if (call.tape?.whole) play(heap, call.tape);
          else if (call.tape || !tapes) run(call);
          else {
            call.tape = heap.taped(() => run(call));
            // Without a call it is stock's.
            call.tape.whole &&= call.tape.calls.length > 0;
          }
        }
      }),
    );
    this.#enlargeArena();
  }

  /** After the first run it is known how much scratch the kernels take. */
  #enlargeArena(): void {
    const { most, size, address } = this.#arena;
    if (most <= size) return;
    if (size > 0) this.#heap.free(address);
    this.#arena = new Arena(this.#heap.allocate(most), most);
    // The addresses of scratch are others now.
    this.#dropTapes();
  }

  #dropTapes(): void {
    for (const call of this.#calls) delete call.tape;
  }

  dispose(): void {
    for (const info of this.#placed.values()) this.#heap.displace(info);
    this.#heap.free(this.#block);
    if (this.#arena.size > 0) this.#heap.free(this.#arena.address);
  }
}

/** Makes the calls of a kernel again, from the first when threads are lost in the middle. */
function play(heap: Heap, { calls }: Tape): void {
  heap.attempt(() => {
    for (const call of calls) call();
  });
}
