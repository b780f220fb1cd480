import type { DataId, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { PLAN, type PlanAttrs } from '../../core/plans.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { Kept } from '../runtime/Kept.js';
import { Replay } from './Replay.js';
import { inPlace, type Recording, record, release, type Value, type View } from './record.js';
import { rewrite } from './rewrite.js';

/** As many shapes of inputs have a program at a time. */
const MOST = 4;
/** A program makes room for another when it hasn't run for so many times: to make one takes as long as four runs. */
const IDLE = 50;

/**
 * What a function computes, such as the outputs of a model or the gradients of a loss. The first time for inputs of a
 * shape the function is called, and the kernels that it calls are noted; these kernels then run by themselves, on
 * memory that stays. Where it needn't be exact, up to rounding: with constant filters packed or transformed already,
 * and several kernels as one.
 */
export const plan: Kernel<Tensor[], PlanAttrs> = {
  kernelName: PLAN,
  run(heap, given, { plans, compute, varying, exact = false }) {
    const { inputs, key } = distinct(Object.values(given));
    if (plans.kept && (plans.kept as Programs).heap !== heap) {
      plans.kept.dispose();
      plans.kept = undefined;
    }
    plans.kept ??= new Programs(heap, exact);
    const programs = plans.kept as Programs;
    const outputs = programs.run(key, inputs);
    if (outputs) return outputs;
    if (!programs.haveRoom()) return compute();
    const { results, unfit } = programs.add(key, inputs, compute, varying);
    if (!unfit) return programs.run(key, inputs)!;
    plans.unfit = unfit;
    programs.dispose();
    plans.kept = undefined;
    return results!;
  },
};

/** The tensors without those that are others once more, and what a program for them depends on. */
function distinct(given: Tensor[]): { inputs: Tensor[]; key: string } {
  const places = new Map<DataId, number>();
  const inputs: Tensor[] = [];
  const parts: string[] = [];
  for (const tensor of given) {
    const { dataId, shape, dtype } = tensor;
    const place = places.get(dataId);
    parts.push(place === undefined ? `${dtype}[${shape}]` : String(place));
    if (place !== undefined) continue;
    places.set(dataId, inputs.length);
    inputs.push(tensor);
  }
  return { inputs, key: parts.join() };
}

interface Program {
  replay: Replay;
  constants: Value[];
  /** The number of its last run. */
  last: number;
}

/** The programs of one function on one backend, by the shapes of its inputs, and what they share. */
class Programs {
  /** What is made of constants; null where all is to be computed as without a plan. */
  readonly #kept: Kept | null;
  readonly #replays = new Map<string, Program>();
  /** How often there was something to compute. */
  #runs = 0;

  constructor(
    readonly heap: Heap,
    exact: boolean,
  ) {
    this.#kept = exact ? null : new Kept(heap);
  }

  /** The outputs by a program; undefined where there is none yet. */
  run(key: string, inputs: TensorInfo[]): TensorInfo[] | undefined {
    const known = this.#replays.get(key);
    this.#runs++;
    if (!known) return undefined;
    known.last = this.#runs;
    return this.#keeping(() => {
      if (inPlace(this.heap, known.constants)) return known.replay.run(inputs);
      this.#drop(key);
      return undefined;
    });
  }

  /** Whether there is room for one more, or one that hasn't run for long has made it. */
  haveRoom(): boolean {
    if (this.#replays.size < MOST) return true;
    const [[key, oldest]] = [...this.#replays].sort(([, a], [, b]) => a.last - b.last) as [
      [string, Program],
    ];
    if (this.#runs - oldest.last < IDLE) return false;
    this.#keeping(() => this.#drop(key));
    return true;
  }

  /** Makes the program for inputs of a shape; where there can't be one, says why, with the outputs. */
  add(key: string, inputs: Tensor[], compute: () => Tensor[], varying?: () => TensorInfo[]) {
    return this.#keeping((): { results?: Tensor[]; unfit?: string } => {
      const { heap } = this;
      const first = record(heap, inputs, compute);
      const { results, constants } = first;
      let unfit: string | undefined;
      try {
        unfit =
          whyVaries(first, varying?.() ?? []) ??
          this.#whyUnfit(first, inputs, compute) ??
          this.#prepare(key, inputs, first);
      } catch (error) {
        release(heap, constants);
        throw error;
      }
      if (unfit) {
        release(heap, constants);
        return { results, unfit };
      }
      for (const tensor of results) tensor.dispose();
      return {};
    });
  }

  /** Makes the program; what hinders it, such as too little memory, hinders nobody to compute without it. */
  #prepare(key: string, inputs: Tensor[], recording: Recording): string | undefined {
    const { heap } = this;
    let replay: Replay | undefined;
    try {
      const numberOf = ({ dataId }: Value) => heap.number(dataId);
      replay = new Replay(heap, rewrite(recording, this.#kept ? numberOf : null));
      // Packs what is to be packed, and finds out how much scratch there has to be.
      for (const info of replay.run(inputs)) heap.dispose(info);
    } catch (error) {
      replay?.dispose();
      return (error as Error).message;
    }
    this.#replays.set(key, { replay, constants: recording.constants, last: this.#runs });
    return undefined;
  }

  #whyUnfit(first: Recording, inputs: Tensor[], compute: () => Tensor[]): string | undefined {
    const { heap } = this;
    const second = record(heap, inputs, compute);
    for (const tensor of second.results) tensor.dispose();
    const reason = whyUnfit(heap, first, second);
    release(heap, second.constants);
    return reason;
  }

  #drop(key: string): void {
    const { replay, constants } = this.#replays.get(key)!;
    replay.dispose();
    release(this.heap, constants);
    this.#replays.delete(key);
  }

  #keeping<T>(work: () => T): T {
    return this.#kept ? this.heap.keeping(this.#kept, work) : work();
  }

  dispose(): void {
    // A backend that is gone has taken its memory along.
    if (!this.heap.alive) return;
    this.#keeping(() => {
      for (const key of [...this.#replays.keys()]) this.#drop(key);
    });
  }
}

/** Why a program is not the same for all inputs, as far as two recordings on the same inputs tell. */
function whyUnfit(heap: Heap, a: Recording, b: Recording): string | undefined {
  if (a.read || b.read) return 'it reads the values of tensors';
  if (String(shapeOf(a)) !== String(shapeOf(b))) return 'it does not do the same each time';
  const same = a.constants.every(({ dataId, bytes }, i) => {
    const other = b.constants[i]!.dataId;
    return dataId === other || heap.equal(dataId, other, bytes);
  });
  if (!same) return 'it makes tensors of other values each time, such as random ones';
  const taken = a.steps.flatMap(({ places }) => places);
  if (taken.includes(-1)) return 'a kernel returns a tensor that it did not make';
  return undefined;
}

/** Why a program would soon be out of date. */
function whyVaries({ constants }: Recording, varying: TensorInfo[]): string | undefined {
  const ids = new Set(varying.map(({ dataId }) => dataId));
  return constants.some(({ dataId }) => ids.has(dataId))
    ? 'it takes a variable that is not among its inputs'
    : undefined;
}

/** The calls of a recording, with a number in place of each tensor. */
function shapeOf({ inputs, steps, outputs, constants }: Recording): string[] {
  const numbers = new Map<Value, number>();
  for (const value of [...inputs, ...constants]) numbers.set(value, numbers.size);
  const show = ({ value, shape }: View) => `${numbers.get(value)}[${shape}]`;
  return [
    ...constants.map(({ bytes }) => String(bytes)),
    ...steps.map(({ kernelName, attrs, inputs, outputs }) => {
      for (const { value } of outputs) {
        if (!numbers.has(value)) numbers.set(value, numbers.size);
      }
      const views = [...Object.values(inputs), ...outputs].map(show);
      return `${kernelName} ${JSON.stringify(attrs)} ${views}`;
    }),
    ...outputs.map(show),
  ];
}
