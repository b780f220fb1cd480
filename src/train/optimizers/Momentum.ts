import { add, mul, serialization, sub, type Tensor } from '@tensorflow/tfjs-core';
import { boolean } from '../../core/args.js';
import { notNegative, share } from './ranges.js';
import { runIfPresent, SlotOptimizer } from './SlotOptimizer.js';

/** Options of {@link Momentum}. */
export interface MomentumArgs {
  /** The step size. Default: 0.01. */
  learningRate?: number;
  /** The share of the last step that goes on, in [0, 1); 0 is plain gradient descent. Default: 0. */
  momentum?: number;
  /** Whether the gradient counts as if taken after the step's momentum. Default: false. */
  nesterov?: boolean;
}

/**
 * Gradient descent with momentum: `a ← μ·a + g`, `x ← x − η·a` (Polyak 1964), with Nesterov's
 * `x ← x − η·(g + μ·a)` (Sutskever et al. 2013).
 *
 * The same steps as `tf.train.momentum`, and `tf.train.sgd` without momentum, in one kernel call a
 * variable with our WASM kernels. It saves its state with the model.
 *
 * @throws OptionError on an option out of its range.
 *
 * @example
 * ```ts
 * const optimizer = new Momentum({ learningRate: 0.1, momentum: 0.9, nesterov: true });
 * ```
 */
export class Momentum extends SlotOptimizer {
  /** Its name in saved models. */
  static readonly className: string = 'Blocks.Momentum';

  protected readonly slotNames: readonly string[];
  readonly #options: Required<Omit<MomentumArgs, 'learningRate'>>;

  constructor({ learningRate = 0.01, momentum = 0, nesterov = false }: MomentumArgs = {}) {
    super(notNegative('Momentum', 'learningRate', learningRate));
    this.#options = {
      momentum: share('Momentum', 'momentum', momentum),
      nesterov: boolean('Momentum', 'nesterov', nesterov),
    };
    this.slotNames = momentum === 0 ? [] : ['momentum'];
  }

  protected override step(value: Tensor, gradient: Tensor, [accumulation]: Tensor[]): Tensor[] {
    const { momentum, nesterov } = this.#options;
    const rate = this.learningRate;
    const inputs = { value, gradient, ...(accumulation && { accumulation }) };
    const fused = runIfPresent('BlocksMomentum', inputs, { momentum, rate, nesterov });
    if (fused) return [fused].flat();
    if (!accumulation) return [sub(value, mul(gradient, rate))];
    const next = add(mul(accumulation, momentum), gradient);
    const direction = nesterov ? add(gradient, mul(next, momentum)) : next;
    return [sub(value, mul(direction, rate)), next];
  }

  override getConfig(): serialization.ConfigDict {
    return { learningRate: this.learningRate, ...this.#options };
  }

  /** The optimizer that a saved configuration describes. */
  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
  ): T {
    return new cls(config);
  }
}

serialization.registerClass(Momentum);
