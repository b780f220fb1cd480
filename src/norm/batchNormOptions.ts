import type { serialization } from '@tensorflow/tfjs-core';
import { type ActivationName, activationName } from '../core/activation.js';
import { boolean, number, oneOf, refuse } from '../core/args.js';
import {
  type Constraint,
  type ConstraintIdentifier,
  constraint,
  type Initializer,
  type InitializerIdentifier,
  initializer,
  type Regularizer,
  type RegularizerIdentifier,
  regularizer,
  serialize,
} from '../core/identify.js';
import type { LayerArgs } from '../core/layer.js';
import type { AverageRule } from './movingAverages.js';
import { type RenormClipping, renormClipping } from './renorm.js';

/** Options of {@link BatchNorm}. */
export interface BatchNormArgs extends LayerArgs {
  /** The axis of the channels, an integer in [−rank, rank). Default −1, the last. */
  axis?: number;
  /**
   * The share of the old moving average that an update keeps, in [0, 1); `null` for the mean over
   * all updates so far (torch's `momentum=None`). Default 0.99.
   */
  momentum?: number | null;
  /** Added to the variance, > 0. Default 1e-3. */
  epsilon?: number;
  /** Whether an offset `beta` is learned. Default true. */
  center?: boolean;
  /** Whether a factor `gamma` is learned. Default true. */
  scale?: boolean;
  /** Applied to the result, in the same pass. Default `'linear'`. */
  activation?: ActivationName;
  /**
   * What the moving variance averages: the unbiased estimate `m/(m − 1)·σ²` of the population
   * (Ioffe and Szegedy 2015; torch; tf-slim's fused path) or the biased σ² (Keras, tf.layers).
   * Default `'unbiased'`.
   */
  variance?: 'unbiased' | 'biased';
  /**
   * `'immediate'`: a training call moves the averages at once; `'deferred'`: it leaves an update op
   * in {@link UpdateOps.pending}. Inside {@link withUpdates} every op waits. Default `'immediate'`.
   */
  updates?: 'immediate' | 'deferred';
  /** The mode of calls that don't say `training` themselves. Default: inference. */
  training?: boolean;
  /** Always in inference, averages and parameters fixed. Default false. */
  frozen?: boolean;
  /**
   * Whether the moving mean is corrected for its initial value, as tf-slim's
   * `zero_debias_moving_mean` does. Default false.
   */
  zeroDebias?: boolean;
  /**
   * Batch renormalisation (Ioffe 2017): training corrects the batch's statistics towards moving
   * averages of its own, so that it computes what inference will. Not with `zeroDebias`. Default
   * false.
   */
  renorm?: boolean;
  /**
   * The bounds of the corrections, only with `renorm`: `rmin`, `rmax` and `dmax`. Default none,
   * which a network bears only once its averages have settled.
   */
  renormClipping?: RenormClipping | null;
  /** As `momentum`, of the averages that training corrects towards, in [0, 1). Default 0.99. */
  renormMomentum?: number;
  /** Default `'zeros'`. */
  betaInitializer?: InitializerIdentifier;
  /** Default `'ones'`. */
  gammaInitializer?: InitializerIdentifier;
  /** Default `'zeros'`. */
  movingMeanInitializer?: InitializerIdentifier;
  /** Default `'ones'`. */
  movingVarianceInitializer?: InitializerIdentifier;
  /** Default none. */
  betaRegularizer?: RegularizerIdentifier | null;
  /** Default none. */
  gammaRegularizer?: RegularizerIdentifier | null;
  /** Default none. */
  betaConstraint?: ConstraintIdentifier | null;
  /** Default none. */
  gammaConstraint?: ConstraintIdentifier | null;
}

/** The options of a `BatchNorm` in canonical form. */
export interface BatchNormOptions extends AverageRule {
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly activation: ActivationName;
  readonly variance: 'unbiased' | 'biased';
  readonly updates: 'immediate' | 'deferred';
  readonly training: boolean | undefined;
  readonly renorm: boolean;
  readonly renormClipping: RenormClipping;
  readonly betaInitializer: Initializer;
  readonly gammaInitializer: Initializer;
  readonly movingMeanInitializer: Initializer;
  readonly movingVarianceInitializer: Initializer;
  readonly betaRegularizer: Regularizer | null;
  readonly gammaRegularizer: Regularizer | null;
  readonly betaConstraint: Constraint | null;
  readonly gammaConstraint: Constraint | null;
}

/** Checks the options and fills in the defaults. */
export function batchNormOptions(owner: string, args: BatchNormArgs): BatchNormOptions {
  const {
    axis = -1,
    momentum = 0.99,
    epsilon = 1e-3,
    center = true,
    scale = true,
    variance = 'unbiased',
    updates = 'immediate',
    training,
    zeroDebias = false,
    renorm = false,
    renormMomentum = 0.99,
    betaInitializer = 'zeros',
    gammaInitializer = 'ones',
    movingMeanInitializer = 'zeros',
    movingVarianceInitializer = 'ones',
  } = args;
  const share = (m: number) => m >= 0 && m < 1;
  if (zeroDebias && momentum === null) {
    refuse(owner, 'zeroDebias', 'false when momentum is null, which needs no correction', true);
  }
  if (zeroDebias && renorm) {
    refuse(owner, 'zeroDebias', 'false with renorm, whose deviations it would leave biased', true);
  }
  const clipping = renormClipping(owner, args.renormClipping);
  if (!renorm && Object.keys(clipping).length > 0) {
    refuse(owner, 'renormClipping', 'left out without renorm', clipping);
  }
  const initial = (option: string, value: InitializerIdentifier) =>
    initializer(owner, option, value);
  return {
    axis: number(owner, 'axis', axis, 'an integer', Number.isInteger),
    momentum:
      momentum === null ? null : number(owner, 'momentum', momentum, 'null or in [0, 1)', share),
    epsilon: number(owner, 'epsilon', epsilon, 'a positive number', (e) => e > 0),
    center: boolean(owner, 'center', center),
    scale: boolean(owner, 'scale', scale),
    activation: activationName(owner, 'activation', args.activation),
    variance: oneOf(owner, 'variance', variance, ['unbiased', 'biased']),
    updates: oneOf(owner, 'updates', updates, ['immediate', 'deferred']),
    training: training == null ? undefined : boolean(owner, 'training', training),
    zeroDebias: boolean(owner, 'zeroDebias', zeroDebias),
    renorm: boolean(owner, 'renorm', renorm),
    renormClipping: clipping,
    renormMomentum: number(owner, 'renormMomentum', renormMomentum, 'in [0, 1)', share),
    betaInitializer: initial('betaInitializer', betaInitializer),
    gammaInitializer: initial('gammaInitializer', gammaInitializer),
    movingMeanInitializer: initial('movingMeanInitializer', movingMeanInitializer),
    movingVarianceInitializer: initial('movingVarianceInitializer', movingVarianceInitializer),
    betaRegularizer: regularizer(owner, 'betaRegularizer', args.betaRegularizer),
    gammaRegularizer: regularizer(owner, 'gammaRegularizer', args.gammaRegularizer),
    betaConstraint: constraint(owner, 'betaConstraint', args.betaConstraint),
    gammaConstraint: constraint(owner, 'gammaConstraint', args.gammaConstraint),
  };
}

/** The form in which a model's JSON keeps the options. */
export function savedOptions(options: BatchNormOptions): serialization.ConfigDict {
  return {
    ...options,
    training: options.training ?? null,
    renormClipping: { ...options.renormClipping },
    betaInitializer: serialize(options.betaInitializer),
    gammaInitializer: serialize(options.gammaInitializer),
    movingMeanInitializer: serialize(options.movingMeanInitializer),
    movingVarianceInitializer: serialize(options.movingVarianceInitializer),
    betaRegularizer: serialize(options.betaRegularizer),
    gammaRegularizer: serialize(options.gammaRegularizer),
    betaConstraint: serialize(options.betaConstraint),
    gammaConstraint: serialize(options.gammaConstraint),
  };
}
