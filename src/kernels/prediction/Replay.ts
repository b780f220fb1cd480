import type { KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { Arena } from '../Arena.js';
import type { Heap } from '../heap.js';
import { layout } from './layout.js';
import type { Recording, Step, Value, View } from './record.js';

/** A step with its tensors at their places. */
interface Call {
  kernelFunc: KernelFunc;
  inputs: Record<string, TensorInfo>;
  attrs: NamedAttrMap;
  /** The tensors that the kernel's outputs are, by the order in which it makes tensors. */
  placed: (TensorInfo | undefined)[];
  /** The outputs of the model among its outputs. */
  returned: [index: number, value: Value][];
}

/**
 * A recorded program that runs again and again, on inputs of the same shapes, and allocates nothing but
 * its outputs: every tensor in between has its place in one block of memory.
 */
export class Replay {
  readonly #heap: Heap;
  readonly #inputs: Value[];
  readonly #outputs: View[];
  readonly #calls: Call[];
  readonly #placed = new Map<Value, TensorInfo>();
  /** The tensors that are others in each run: the model's inputs and outputs. */
  readonly #changing = new Map<Value, TensorInfo[]>();
  readonly #block: number;
  #arena = new Arena(0, 0);

  constructor(heap: Heap, { inputs, steps, outputs }: Recording) {
    this.#heap = heap;
    this.#inputs = inputs;
    this.#outputs = outputs;
    for (const value of inputs) this.#changing.set(value, []);
    for (const { value } of outputs) if (value.origin === 'step') this.#changing.set(value, []);
    this.#block = this.#place(steps);
    this.#calls = steps.map((step) => this.#call(step));
  }

  /** Gives each value between steps its place; returns the address of them all. */
  #place(steps: Step[]): number {
    const spans = new Map<View, { bytes: number; first: number; last: number }>();
    const known = new Map<Value, { last: number }>();
    for (const [i, step] of steps.entries()) {
      for (const { value } of Object.values(step.inputs)) {
        const span = known.get(value);
        if (span) span.last = i;
      }
      for (const output of step.outputs) {
        if (output.value.origin !== 'step' || this.#changing.has(output.value)) continue;
        const span = { bytes: output.value.bytes, first: i, last: i };
        spans.set(output, span);
        known.set(output.value, span);
      }
    }
    const { offsets, bytes } = layout([...spans.values()]);
    const address = this.#heap.allocate(bytes);
    for (const [i, { value, shape, dtype }] of [...spans.keys()].entries()) {
      this.#placed.set(value, this.#heap.place(shape, dtype, address + offsets[i]!));
    }
    return address;
  }

  #call({ kernelFunc, inputs, attrs, outputs, places }: Step): Call {
    const tensor = ({ value, shape, dtype }: View): TensorInfo => {
      const info = { dataId: this.#placed.get(value)?.dataId ?? value.dataId, shape, dtype };
      this.#changing.get(value)?.push(info);
      return info;
    };
    const given = Array.isArray(inputs)
      ? inputs.map(tensor)
      : Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, tensor(view)]));
    const placed: Call['placed'] = [];
    const returned: Call['returned'] = [];
    for (const [i, { value }] of outputs.entries()) {
      if (this.#placed.has(value)) placed[places[i]!] = this.#placed.get(value);
      else if (this.#changing.has(value)) returned.push([i, value]);
    }
    return { kernelFunc, inputs: given as Call['inputs'], attrs, placed, returned };
  }

  /** The outputs for these inputs, as tensors of the caller's. */
  run(inputs: TensorInfo[]): TensorInfo[] {
    const heap = this.#heap;
    for (const [i, value] of this.#inputs.entries()) this.#set(value, inputs[i]!);
    let placed: Call['placed'] = [];
    let made = 0;
    const hooks = {
      output: () => placed[made++],
      again: () => {
        made = 0;
      },
    };
    const backend = heap.owner;
    const fresh: TensorInfo[] = [];
    const outer = heap.arena;
    heap.arena = this.#arena;
    try {
      heap.intercept(hooks, () => {
        for (const call of this.#calls) {
          placed = call.placed;
          made = 0;
          const { inputs, attrs } = call;
          const result = call.kernelFunc({ inputs, attrs, backend });
          if (call.returned.length === 0) continue;
          const infos = [result].flat() as TensorInfo[];
          for (const [index, value] of call.returned) {
            fresh.push(infos[index]!);
            this.#set(value, infos[index]!);
          }
        }
      });
    } catch (error) {
      for (const info of fresh) heap.dispose(info);
      throw error;
    } finally {
      heap.arena = outer;
    }
    this.#enlargeArena();
    const taken = new Set<Value>();
    return this.#outputs.map(({ value, shape, dtype }) => {
      const info = { dataId: value.dataId, shape, dtype };
      // What a step made is the caller's already; what it didn't, or is returned twice, has another owner.
      if (value.origin !== 'step' || taken.has(value)) return heap.share(info);
      taken.add(value);
      return info;
    });
  }

  #set(value: Value, { dataId }: TensorInfo): void {
    value.dataId = dataId;
    for (const info of this.#changing.get(value)!) info.dataId = dataId;
  }

  /** After the first run it is known how much scratch the kernels take. */
  #enlargeArena(): void {
    const { most, size, address } = this.#arena;
    if (most <= size) return;
    if (size > 0) this.#heap.free(address);
    this.#arena = new Arena(this.#heap.allocate(most), most);
  }

  dispose(): void {
    for (const info of this.#placed.values()) this.#heap.displace(info);
    this.#heap.free(this.#block);
    if (this.#arena.size > 0) this.#heap.free(this.#arena.address);
  }
}
