import type { serialization } from '@tensorflow/tfjs-core';
import { type ActivationName, activationName } from '../core/activation.js';
import { boolean, oneOf, positiveInt, positivePair, refuse } from '../core/args.js';
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

/** The options that all convolutions take: those of tf.layers, with its defaults. */
export interface ConvArgs extends LayerArgs {
  /** The number of output channels. */
  filters: number;
  /** The kernel's height and width, or one number for both. */
  kernelSize: number | [number, number];
  /** The steps in height and width, or one number for both. Default 1. */
  strides?: number | [number, number];
  /** The distances between the kernel's taps, or one number for both. Default 1. */
  dilationRate?: number | [number, number];
  /** Applied to the result. Default `'linear'`. */
  activation?: ActivationName;
  /** Whether an offset is learned for each filter. Default true. */
  useBias?: boolean;
  /** Default `'glorotNormal'`. */
  kernelInitializer?: InitializerIdentifier;
  /** Default `'zeros'`. */
  biasInitializer?: InitializerIdentifier;
  /** Default none. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /** Default none. */
  biasRegularizer?: RegularizerIdentifier | null;
  /** Default none. */
  kernelConstraint?: ConstraintIdentifier | null;
  /** Default none. */
  biasConstraint?: ConstraintIdentifier | null;
  /** The only layout there is. Default `'channelsLast'`. */
  dataFormat?: 'channelsLast';
}

/** The options of a convolution in canonical form. */
export interface ConvOptions {
  readonly filters: number;
  readonly kernelSize: [number, number];
  readonly strides: [number, number];
  readonly dilationRate: [number, number];
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  readonly kernelRegularizer: Regularizer | null;
  readonly biasRegularizer: Regularizer | null;
  readonly kernelConstraint: Constraint | null;
  readonly biasConstraint: Constraint | null;
}

/** Checks the options and fills in the defaults. */
export function convOptions(owner: string, args: ConvArgs): ConvOptions {
  const {
    strides = 1,
    dilationRate = 1,
    useBias = true,
    kernelInitializer = 'glorotNormal',
    biasInitializer = 'zeros',
    dataFormat = 'channelsLast',
    activityRegularizer,
  } = args as ConvArgs & { activityRegularizer?: unknown };
  oneOf(owner, 'dataFormat', dataFormat, ['channelsLast']);
  if (activityRegularizer != null) {
    refuse(owner, 'activityRegularizer', 'left out, as tf.layers runs none', activityRegularizer);
  }
  return {
    filters: positiveInt(owner, 'filters', args.filters),
    kernelSize: positivePair(owner, 'kernelSize', args.kernelSize),
    strides: positivePair(owner, 'strides', strides),
    dilationRate: positivePair(owner, 'dilationRate', dilationRate),
    activation: activationName(owner, 'activation', args.activation),
    useBias: boolean(owner, 'useBias', useBias),
    kernelInitializer: initializer(owner, 'kernelInitializer', kernelInitializer),
    biasInitializer: initializer(owner, 'biasInitializer', biasInitializer),
    kernelRegularizer: regularizer(owner, 'kernelRegularizer', args.kernelRegularizer),
    biasRegularizer: regularizer(owner, 'biasRegularizer', args.biasRegularizer),
    kernelConstraint: constraint(owner, 'kernelConstraint', args.kernelConstraint),
    biasConstraint: constraint(owner, 'biasConstraint', args.biasConstraint),
  };
}

/** The form in which a model's JSON keeps the options. */
export function savedConvOptions(options: ConvOptions): serialization.ConfigDict {
  return {
    ...options,
    kernelInitializer: serialize(options.kernelInitializer),
    biasInitializer: serialize(options.biasInitializer),
    kernelRegularizer: serialize(options.kernelRegularizer),
    biasRegularizer: serialize(options.biasRegularizer),
    kernelConstraint: serialize(options.kernelConstraint),
    biasConstraint: serialize(options.biasConstraint),
  };
}
