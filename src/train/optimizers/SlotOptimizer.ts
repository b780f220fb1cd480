import {
  engine,
  getBackend,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  Optimizer,
  type Tensor,
  tidy,
  type Variable,
  variable,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { NamedTensor } from '../optimizerState.js';

/**
 * An optimizer that keeps some tensors of each variable's shape, its slots, and steps variable by
 * variable: in one pass on a backend that has a kernel for it, else composed of stock operations.
 *
 * Saves and loads its iterations and slots in the order of tfjs's own optimizers.
 */
export abstract class SlotOptimizer extends Optimizer {
  /** The name of each slot after a variable's: `m` for `conv/kernel/m`. */
  protected abstract readonly slotNames: readonly string[];

  readonly #slots = new Map<string, Variable[]>();
  /** Slots that were loaded, until the first step tells whose they are. */
  #loaded: Variable[][] = [];
  #count: Tensor | undefined;

  constructor(public learningRate: number) {
    super();
  }

  /** The new value and the new slots of a variable, at step t = 1, 2, …; none if they were changed in place. */
  protected abstract step(value: Tensor, gradient: Tensor, slots: Tensor[], t: number): Tensor[];

  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const t = this.iterations + 1;
    for (const [i, { name, tensor: gradient }] of named.entries()) {
      const value = engine().registeredVariables[name];
      if (!value) throw new Error(`${this.getClassName()}: there is no variable named '${name}'`);
      const slots = this.#slotsOf(name, value, i);
      if (!gradient) continue;
      tidy(() => {
        const updated = this.step(value, gradient, slots, t);
        const targets = [value, ...slots];
        for (const [j, tensor] of updated.entries()) targets[j]!.assign(tensor);
      });
    }
    this.incrementIterations();
  }

  /** The iterations, then the first slot of every variable, then the second of every one … */
  override async getWeights(): Promise<NamedTensor[]> {
    const variables = [...this.#slots];
    const slots = this.slotNames.flatMap((slot, j) =>
      variables.map(([name, tensors]) => ({
        name: `${name}/${slot}`,
        tensor: tensors[j]! as Tensor,
      })),
    );
    return [await this.saveIterations(), ...slots];
  }

  /** The iterations, until the next call. tfjs makes a tensor for each save, and leaves it. */
  override async saveIterations(): Promise<NamedTensor> {
    this.#count?.dispose();
    const saved = await super.saveIterations();
    this.#count = saved.tensor;
    return saved;
  }

  /** Sets what `getWeights` gave. The slots go to the variables of the next step, in its order. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const slots = await this.extractIterations(weights);
    this.#disposeSlots();
    const count = slots.length / Math.max(1, this.slotNames.length);
    this.#loaded = Array.from({ length: count }, (_, i) =>
      this.slotNames.map((_, j) => variable(slots[i + j * count]!.tensor, false)),
    );
  }

  override dispose(): void {
    this.#disposeSlots();
    this.#count?.dispose();
  }

  #slotsOf(name: string, value: Variable, index: number): Variable[] {
    let slots = this.#slots.get(name);
    if (!slots) {
      slots =
        this.#loaded[index] ??
        this.slotNames.map(() => tidy(() => variable(zerosLike(value), false)));
      delete this.#loaded[index];
      this.#slots.set(name, slots);
    }
    return slots;
  }

  #disposeSlots(): void {
    for (const slot of [...this.#slots.values(), ...Object.values(this.#loaded)].flat()) {
      slot.dispose();
    }
    this.#slots.clear();
    this.#loaded = [];
  }
}

/** The step of a kernel of ours, or null where the running backend doesn't have it. */
export function runIfPresent(
  kernelName: string,
  inputs: NamedTensorMap,
  attrs: NamedAttrMap,
): Tensor[] | null {
  if (!getKernel(kernelName, getBackend())) return null;
  return engine().runKernel(kernelName, inputs, { ...attrs, inPlace: true }) as unknown as Tensor[];
}
