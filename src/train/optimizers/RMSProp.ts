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
import { boolean } from '../../core/args.js';
import { notNegative, share } from './ranges.js';
import { runIfPresent, SlotOptimizer } from './SlotOptimizer.js';

/** Options of {@link RMSProp}. */
export interface RMSPropArgs {
  /** The step size. Default: 0.001. */
  learningRate?: number;
  /** The decay of the mean of the squared gradients, in [0, 1). Default: 0.9. */
  decay?: number;
  /** The share of the last step that goes on, in [0, 1). Default: 0. */
  momentum?: number;
  /** Added under the root. Default: 1e-7, on every backend. */
  epsilon?: number;
  /** Whether the variance of the gradients takes the place of the mean of their squares. Default: false. */
  centered?: boolean;
}

/**
 * RMSProp: `s ← ρs + (1 − ρ)g²`, `a ← μa + η·g / √(s + ε)`, `x ← x − a`; centred, the root is of
 * `s − c² + ε` with `c ← ρc + (1 − ρ)g` (Graves 2013, section 4.2).
 *
 * The same steps as `tf.train.rmsprop`, which when centred subtracts ε instead. One kernel call a
 * variable with our WASM kernels. It saves its state with the model.
 *
 * @throws OptionError on an option out of its range.
 *
 * @example
 * ```ts
 * const optimizer = new RMSProp({ learningRate: 1e-3, momentum: 0.9 });
 * ```
 */
export class RMSProp extends SlotOptimizer {
  /** Its name in saved models. */
  static readonly className: string = 'Blocks.RMSProp';

  protected readonly slotNames: readonly string[];
  readonly #options: Required<Omit<RMSPropArgs, 'learningRate'>>;

  constructor({
    learningRate = 0.001,
    decay = 0.9,
    momentum = 0,
    epsilon = 1e-7,
    centered = false,
  }: RMSPropArgs = {}) {
    super(notNegative('RMSProp', 'learningRate', learningRate));
    this.#options = {
      decay: share('RMSProp', 'decay', decay),
      momentum: share('RMSProp', 'momentum', momentum),
      epsilon: notNegative('RMSProp', 'epsilon', epsilon),
      centered: boolean('RMSProp', 'centered', centered),
    };
    this.slotNames = ['rms', 'momentum', ...(centered ? ['mg'] : [])];
  }

  protected override step(
    value: Tensor,
    gradient: Tensor,
    [squares, accumulation, mean]: Tensor[],
  ): Tensor[] {
    const { decay, momentum, epsilon } = this.#options;
    const rate = this.learningRate;
    const slots = { square: squares!, accumulation: accumulation!, ...(mean && { mean }) };
    const attrs = { decay, momentum, epsilon, rate };
    const fused = runIfPresent('BlocksRMSProp', { value, gradient, ...slots }, attrs);
    if (fused) return fused;
    const average = (old: Tensor, x: Tensor) => add(mul(old, decay), mul(x, 1 - decay));
    const newSquares = average(squares!, square(gradient));
    const newMean = mean && average(mean, gradient);
    const spread = newMean ? sub(newSquares, square(newMean)) : newSquares;
    const move = div(mul(gradient, rate), sqrt(add(spread, epsilon)));
    const next = add(mul(accumulation!, momentum), move);
    return [sub(value, next), newSquares, next, ...(newMean ? [newMean] : [])];
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

serialization.registerClass(RMSProp);
