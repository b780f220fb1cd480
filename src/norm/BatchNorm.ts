import { add, cast, serialization, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { InputSpec, type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { boolean, OptionError, refuse, show } from '../core/args.js';
import { type Initializer, initializer } from '../core/identify.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { CallArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';
import {
  type BatchNormArgs,
  type BatchNormOptions,
  batchNormOptions,
  savedOptions,
} from './batchNormOptions.js';
import { countsUpdates, moved, updateRates } from './movingAverages.js';
import { type Affine, normalizeWith, normalizeWithBatch } from './normalize.js';
import { RenormAverages, type RenormClipping, renormClipping } from './renorm.js';
import { fromRows, rowWeights, toRows } from './rows.js';
import { type Statistics, unbiasedVariance } from './statistics.js';
import { type StatisticsOwner, UpdateOps } from './UpdateOps.js';
import { activeUpdates } from './withUpdates.js';

const RANKS = [2, 3, 4, 5];

/** So many training calls whose update ops were never run are an oversight, not an accumulation. */
const FORGOTTEN_CALLS = 100;

/**
 * Batch normalisation with update ops: `[…, c] → […, c]`, `y = act(γ·(x − μ)/√(σ² + ε) + β)` per
 * channel, rank 2 to 5.
 *
 * In training μ and σ² are the mean and the biased variance of the batch, and an update op moves
 * the moving averages; in inference they are the moving averages. A call is in training when it
 * says `training: true` (`model.fit` does), or says nothing and the layer's `training` option is
 * true. A frozen layer is always in inference, and neither its averages nor its parameters move: one
 * with `frozen`, with `trainable = false`, or directly in a model with `trainable = false`.
 *
 * A call takes `weights` (one per sample, ≥ 0, following the leading axes of the input) or a mask,
 * so that the padding of a batch counts for nothing in its statistics.
 *
 * With `renorm`, training corrects what it has normalised to `x̂·r + d`, where r and d make up for
 * the difference between the batch and the averages `renorm_mean` and `renorm_stddev`; the gradient
 * takes them as constants. `moving_variance` is then `moving_stddev² − ε`, as in Keras.
 *
 * Weights: `gamma`, `beta`, `moving_mean`, `moving_variance` in this order, as in Keras and
 * tf.layers; `moving_stddev`, `renorm_mean`, `renorm_stddev` with `renorm`; and `updates`, the number
 * of updates so far, with `momentum: null` or `zeroDebias`.
 *
 * @throws {@link OptionError} for an option out of its range, an input of another rank, a channel
 * axis of unknown size, and weights that don't follow the input's shape.
 *
 * @example
 * ```ts
 * const model = tfl.sequential({ layers: [
 *   tfl.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, useBias: false }),
 *   new BatchNorm({ activation: 'relu' }),
 * ] });
 * ```
 *
 * Source: Ioffe and Szegedy 2015, "Batch Normalization", Algorithms 1 and 2; Ioffe 2017, "Batch
 * Renormalization".
 */
export class BatchNorm extends layers.Layer implements StatisticsOwner {
  /** Its name in saved models. */
  static readonly className = 'Blocks.BatchNorm';

  /** The options, with defaults filled in. */
  readonly options: BatchNormOptions;
  /** Whether the layer is fixed in inference; may be changed at any time. */
  frozen: boolean;

  #gamma?: LayerVariable;
  #beta?: LayerVariable;
  #movingMean!: LayerVariable;
  #movingVariance!: LayerVariable;
  #renorm?: RenormAverages;
  #updateCount?: LayerVariable;
  #renormClipping: RenormClipping;

  /**
   * Stands where the parameters of a layer without any would: `model.trainable = false` reaches
   * no more of a layer than the flags of its parameters.
   */
  readonly #flag = { trainable: true } as LayerVariable;
  /** Training calls whose update op was neither run nor dropped. */
  #waiting = 0;
  #ranOnce = false;
  #warned = false;

  constructor(args: BatchNormArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('batch_norm') });
    this.options = batchNormOptions('BatchNorm', args);
    this.frozen = boolean('BatchNorm', 'frozen', args.frozen ?? false);
    this.#renormClipping = this.options.renormClipping;
    this.supportsMasking = true;
  }

  /**
   * The bounds of the corrections of `renorm`; may be changed at any time, as Ioffe 2017 widens them
   * in the course of a training.
   */
  get renormClipping(): RenormClipping {
    return this.#renormClipping;
  }

  set renormClipping(clipping: RenormClipping) {
    this.#renormClipping = renormClipping(this.#who, clipping);
  }

  /** Whether the layer is fixed in inference: by itself, by `trainable`, or by its model. */
  get isFrozen(): boolean {
    const parameter = this.#gamma ?? this.#beta ?? this.#flag;
    return this.frozen || !this.trainable || !parameter.trainable;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(this.#who, inputShape, RANKS);
    const axis = this.#axisOf(shape);
    const channels = shape[axis];
    if (channels == null) {
      throw new OptionError(
        `${this.#who}: axis ${axis} must have a known size, got ${show(shape)}`,
      );
    }
    this.inputSpec = [new InputSpec({ ndim: shape.length, axes: { [axis]: channels } })];
    const { options } = this;
    const parameter = (name: 'beta' | 'gamma') =>
      this.addWeight(
        name,
        [channels],
        'float32',
        options[`${name}Initializer`],
        options[`${name}Regularizer`] ?? undefined,
        true,
        options[`${name}Constraint`] ?? undefined,
      );
    const average = (name: string, size: number[], initial: Initializer) =>
      this.addWeight(name, size, 'float32', initial, undefined, false);
    if (options.scale) this.#gamma = parameter('gamma');
    if (options.center) this.#beta = parameter('beta');
    if (!options.scale && !options.center) this.trainableWeights = [this.#flag];
    const { movingMeanInitializer, movingVarianceInitializer } = options;
    this.#movingMean = average('moving_mean', [channels], movingMeanInitializer);
    this.#movingVariance = average('moving_variance', [channels], movingVarianceInitializer);
    if (options.renorm) {
      const initial = { mean: movingMeanInitializer, variance: movingVarianceInitializer };
      this.#renorm = new RenormAverages((name, starts) =>
        average(name, [channels], initial[starts]),
      );
    }
    if (countsUpdates(options)) {
      this.#updateCount = average('updates', [], initializer(this.#who, 'updates', 'zeros'));
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return oneShape(this.#who, inputShape, RANKS);
  }

  override call(inputs: Tensor | Tensor[], kwargs: CallArgs): Tensor {
    const { weights, mask, ...call } = kwargs as BatchNormCall;
    const training = call.training ?? this.options.training ?? false;
    return tidy(() => {
      const x = cast(oneInput(this.#who, inputs, RANKS), 'float32');
      const axis = this.#axisOf(x.shape);
      const rows = toRows(x, axis);
      const affine: Affine = {
        gamma: this.#gamma?.read() as Tensor1D | undefined,
        beta: this.#beta?.read() as Tensor1D | undefined,
        epsilon: this.options.epsilon,
        activation: this.options.activation,
        fixed: this.isFrozen,
      };
      if (!training || this.isFrozen || x.size === 0) {
        if (this.#waiting > 0 && !this.#ranOnce) this.#warn('inference uses the initial averages');
        const [mean, variance] = [this.#movingMean.read(), this.#movingVariance.read()];
        const y = normalizeWith(rows, affine, mean as Tensor1D, variance as Tensor1D);
        return fromRows(y, x.shape, axis);
      }
      const perRow = rowWeights(this.#who, x, axis, { weights, mask });
      const renorm = this.#renorm;
      const correct =
        renorm &&
        ((batch: Statistics) => renorm.correction(batch, affine.epsilon, this.renormClipping));
      const { y, statistics } = normalizeWithBatch(rows, affine, { weights: perRow, correct });
      this.#update(statistics);
      return fromRows(y, x.shape, axis);
    });
  }

  override get trainableWeights(): LayerVariable[] {
    return this.frozen ? [] : super.trainableWeights.filter((weight) => weight !== this.#flag);
  }

  override set trainableWeights(weights: LayerVariable[]) {
    super.trainableWeights = weights;
  }

  override get nonTrainableWeights(): LayerVariable[] {
    const trained = this.frozen ? super.trainableWeights : [];
    return [...trained, ...super.nonTrainableWeights].filter((weight) => weight !== this.#flag);
  }

  override set nonTrainableWeights(weights: LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  /** The averages after the next update. @internal */
  stage(statistics: Statistics): [LayerVariable, Tensor][] {
    const { epsilon, variance: kind } = this.options;
    const variance = kind === 'biased' ? statistics.variance : unbiasedVariance(statistics);
    const count = this.#updateCount;
    const rates = updateRates(this.options, statistics.weight, count?.read());
    const [mean, movingVariance] = [this.#movingMean, this.#movingVariance];
    const averages = [
      moved(mean, statistics.mean, rates.mean),
      ...(this.#renorm?.stage(movingVariance, statistics, variance, rates, epsilon) ?? [
        moved(movingVariance, variance, rates.variance),
      ]),
    ];
    return count ? [...averages, [count, add(count.read(), rates.present)]] : averages;
  }

  /** @internal */
  settle(calls: number, ran: boolean): void {
    this.#waiting -= calls;
    this.#ranOnce ||= ran;
  }

  override getConfig(): serialization.ConfigDict {
    const options = { ...this.options, renormClipping: this.renormClipping };
    return { ...super.getConfig(), ...savedOptions(options), frozen: this.frozen };
  }

  protected override disposeWeights(): number {
    UpdateOps.pending.drop(this);
    return super.disposeWeights();
  }

  get #who(): string {
    return `BatchNorm '${this.name}'`;
  }

  #axisOf(shape: Shape): number {
    const { axis: option } = this.options;
    const axis = option < 0 ? option + shape.length : option;
    if (axis < 0 || axis >= shape.length) {
      const rule = `an axis of a shape of rank ${shape.length}`;
      refuse(this.#who, 'axis', rule, option);
    }
    return axis;
  }

  #update(statistics: Statistics): void {
    const collector =
      activeUpdates() ?? (this.options.updates === 'deferred' ? UpdateOps.pending : undefined);
    const ops = collector ?? new UpdateOps();
    this.#waiting++;
    ops.add(this, statistics);
    if (!collector) ops.run();
    if (this.#waiting === FORGOTTEN_CALLS) this.#warn('the moving averages stand still');
  }

  #warn(consequence: string): void {
    if (this.#warned) return;
    this.#warned = true;
    console.warn(
      `${this.#who}: the update ops of ${this.#waiting} training calls were never run, so ` +
        `${consequence}. Run them after each step (trainStep does; updates.run() of withUpdates; ` +
        "UpdateOps.pending.run()), or use updates: 'immediate'.",
    );
  }
}

/** What a call of {@link BatchNorm} takes beside its input. */
interface BatchNormCall {
  training?: boolean | null;
  weights?: Tensor;
  mask?: Tensor;
}

serialization.registerClass(BatchNorm);
