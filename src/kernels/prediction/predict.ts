import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { PREDICT, type PredictAttrs } from '../../core/predictions.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { Kept } from '../runtime/Kept.js';
import { Replay } from './Replay.js';
import { inPlace, type Recording, record, release, type Value } from './record.js';
import { rewrite } from './rewrite.js';

/** As many shapes of inputs have a program at a time. */
const MOST = 4;

/**
 * The outputs of a model, up to rounding as its layers compute them. The first time for inputs of a shape
 * the layers do compute them, and the kernels that they call are noted; these kernels then run by
 * themselves, on memory that stays, with filters that are packed already.
 */
export const predict: Kernel<Tensor[], PredictAttrs> = {
  kernelName: PREDICT,
  run(heap, given, { predictions, compute }) {
    const inputs = Object.values(given);
    // As one tensor they would be one input of the program.
    if (new Set(inputs.map(({ dataId }) => dataId)).size < inputs.length) return compute();
    if (predictions.kept && (predictions.kept as Programs).heap !== heap) {
      predictions.kept.dispose();
      predictions.kept = undefined;
    }
    predictions.kept ??= new Programs(heap);
    const programs = predictions.kept as Programs;
    const key = inputs.map(({ shape, dtype }) => `${dtype}[${shape}]`).join();
    const outputs = programs.run(key, inputs);
    if (outputs) return outputs;
    const { results, unfit } = programs.add(key, inputs, compute);
    if (!unfit) return programs.run(key, inputs)!;
    predictions.unfit = unfit;
    programs.dispose();
    predictions.kept = undefined;
    return results!;
  },
};

/** The programs of one model on one backend, by the shapes of its inputs, and what they share. */
class Programs {
  readonly #kept: Kept;
  readonly #replays = new Map<string, { replay: Replay; constants: Value[] }>();

  constructor(readonly heap: Heap) {
    this.#kept = new Kept(heap);
  }

  /** The outputs by a program; undefined where there is none yet. */
  run(key: string, inputs: TensorInfo[]): TensorInfo[] | undefined {
    const known = this.#replays.get(key);
    if (!known) return undefined;
    return this.heap.keeping(this.#kept, () => {
      if (inPlace(this.heap, known.constants)) return known.replay.run(inputs);
      this.#drop(key);
      return undefined;
    });
  }

  /** Makes the program for inputs of a shape; where there can't be one, says why, with the outputs. */
  add(key: string, inputs: Tensor[], compute: () => Tensor[]) {
    return this.heap.keeping(this.#kept, (): { results?: Tensor[]; unfit?: string } => {
      const { heap } = this;
      const first = record(heap, inputs, compute);
      const { results, constants } = first;
      const unfit = this.#whyUnfit(first, inputs, compute) ?? this.#prepare(key, inputs, first);
      if (unfit) {
        release(heap, constants);
        return { results, unfit };
      }
      for (const tensor of results) tensor.dispose();
      return {};
    });
  }

  /** Makes the program; what hinders it, such as too little memory, hinders no prediction by the layers. */
  #prepare(key: string, inputs: Tensor[], recording: Recording): string | undefined {
    const { heap } = this;
    if (this.#replays.size === MOST) this.#drop(this.#replays.keys().next().value!);
    let replay: Replay | undefined;
    try {
      replay = new Replay(
        heap,
        rewrite(recording, ({ dataId }) => heap.number(dataId)),
      );
      // Packs what is to be packed, and finds out how much scratch there has to be.
      for (const info of replay.run(inputs)) heap.dispose(info);
    } catch (error) {
      replay?.dispose();
      return (error as Error).message;
    }
    this.#replays.set(key, { replay, constants: recording.constants });
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

  dispose(): void {
    // A backend that is gone has taken its memory along.
    if (!this.heap.alive) return;
    this.heap.keeping(this.#kept, () => {
      for (const key of [...this.#replays.keys()]) this.#drop(key);
    });
  }
}

/** Why a program is not the same for all inputs, as far as two recordings on the same inputs tell. */
function whyUnfit(heap: Heap, a: Recording, b: Recording): string | undefined {
  if (a.read || b.read) return 'a layer reads the values of tensors';
  if (String(shapeOf(a)) !== String(shapeOf(b))) return 'a layer does not do the same each time';
  const same = a.constants.every(({ dataId, bytes }, i) => {
    const other = b.constants[i]!.dataId;
    return dataId === other || heap.equal(dataId, other, bytes);
  });
  if (!same) return 'a layer draws random numbers';
  const taken = a.steps.flatMap(({ places }) => places);
  if (taken.includes(-1)) return 'a kernel returns a tensor that it did not make';
  return undefined;
}

/** The calls of a recording without its tensors. */
function shapeOf({ steps, outputs, constants }: Recording): string[] {
  return [
    ...constants.map(({ bytes }) => String(bytes)),
    ...steps.map(({ kernelName, attrs, inputs, outputs }) => {
      const shapes = [...Object.values(inputs), ...outputs].map(({ shape }) => `[${shape}]`);
      return `${kernelName} ${JSON.stringify(attrs)} ${shapes}`;
    }),
    ...outputs.map(({ shape }) => `[${shape}]`),
  ];
}
