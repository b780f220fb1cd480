import {
  add,
  div,
  mul,
  serialization,
  sqrt,
  square,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { notNegative, share } from './ranges.js';
import { runIfPresent, SlotOptimizer } from './SlotOptimizer.js';

/** Options of {@link Adam}. */
export interface AdamArgs {
  /** The step size. Default: 0.001. */
  learningRate?: number;
  /** The decay of the mean of the gradients, in [0, 1). Default: 0.9. */
  beta1?: number;
  /** The decay of the mean of their squares, in [0, 1). Default: 0.999. */
  beta2?: number;
  /** Added to the root of that mean. Default: 1e-7, on every backend. */
  epsilon?: number;
  /** Decoupled weight decay: the share of a weight, times the learning rate, that a step takes off. Default: 0. */
  weightDecay?: number;
}

/**
 * Adam: `m ← β₁m + (1 − β₁)g`, `v ← β₂v + (1 − β₂)g²`, `x ← x − η·m̂ / (√v̂ + ε)` with m̂ and v̂ corrected
 * for their bias (Kingma and Ba 2015, Algorithm 1); with `weightDecay`, AdamW: `x ← x·(1 − ηλ) − …`
 * (Loshchilov and Hutter 2019).
 *
 * The same steps as `tf.train.adam`, one kernel call a variable with our WASM kernels. It saves its
 * state with the model.
 *
 * @throws OptionError on an option out of its range.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
 * ```
 */
export class Adam extends SlotOptimizer {
  /** Its name in saved models. */
  static readonly className: string = 'Blocks.Adam';

  protected readonly slotNames = ['m', 'v'] as const;
  readonly #options: Required<Omit<AdamArgs, 'learningRate'>>;

  constructor({
    learningRate = 0.001,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-7,
    weightDecay = 0,
  }: AdamArgs = {}) {
    super(notNegative('Adam', 'learningRate', learningRate));
    this.#options = {
      beta1: share('Adam', 'beta1', beta1),
      beta2: share('Adam', 'beta2', beta2),
      epsilon: notNegative('Adam', 'epsilon', epsilon),
      weightDecay: notNegative('Adam', 'weightDecay', weightDecay),
    };
  }

  protected override step(
    value: Tensor,
    gradient: Tensor,
    [m, v]: [Tensor, Tensor],
    t: number,
  ): Tensor[] {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const rate = this.learningRate / (1 - beta1 ** t);
    const correction = 1 / (1 - beta2 ** t);
    const keep = 1 - this.learningRate * weightDecay;
    const attrs = { beta1, beta2, epsilon, rate, correction, keep };
    const fused = runIfPresent('BlocksAdam', { value, gradient, m, v }, attrs);
    if (fused) return fused;
    const newM = add(mul(m, beta1), mul(gradient, 1 - beta1));
    const newV = add(mul(v, beta2), mul(square(gradient), 1 - beta2));
    const move = div(mul(newM, rate), add(sqrt(mul(newV, correction)), epsilon));
    return [sub(keep === 1 ? value : mul(value, keep), move), newM, newV];
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

serialization.registerClass(Adam);
