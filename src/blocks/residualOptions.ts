import type { serialization } from '@tensorflow/tfjs-core';
import { type ActivationName, activationName } from '../core/activation.js';
import { boolean, number, oneOf, positiveInt, refuse } from '../core/args.js';
import {
  type Initializer,
  type InitializerIdentifier,
  initializer,
  type Regularizer,
  type RegularizerIdentifier,
  regularizer,
  serialize,
} from '../core/identify.js';
import type { LayerArgs } from '../core/layer.js';
import {
  type BatchNormArgs,
  type BatchNormOptions,
  batchNormOptions,
  savedOptions,
} from '../norm/batchNormOptions.js';
import { dropRate } from './DropPath.js';

/** How a residual block's input reaches its output beside the convolutions. */
export type Shortcut = 'identity' | 'projection' | 'pool' | 'avgProjection' | 'none';
/** Which convolutions of a residual block have a bias. */
export type Biases = 'none' | 'unnormalized' | 'all';
/** How a strided convolution pads. */
export type StridedPadding = 'explicit' | 'same';
/** The options of {@link BatchNorm} that hold for every normalisation of a block. */
export type NormalizationArgs = Omit<
  BatchNormArgs,
  | ('axis' | 'activation' | 'frozen')
  | ('name' | 'trainable' | 'weights' | 'dtype' | 'inputDType')
  | ('inputShape' | 'batchInputShape' | 'batchSize')
>;

const SHORTCUTS: Shortcut[] = ['identity', 'projection', 'pool', 'avgProjection', 'none'];
const BIASES: Biases[] = ['none', 'unnormalized', 'all'];
const PADDINGS: StridedPadding[] = ['explicit', 'same'];

/** Options of {@link Bottleneck} and {@link BasicBlock}. */
export interface ResidualArgs extends LayerArgs {
  /** The number of output channels. */
  filters: number;
  /**
   * How many times fewer channels there are between the convolutions; divides `filters`. Default 4 of a
   * `Bottleneck`, 1 of a `BasicBlock`.
   */
  expansion?: number;
  /** The step in height and width. Default 1. */
  strides?: number;
  /**
   * Which convolution has the strides. Default `'second'` of a `Bottleneck`, `'first'` of a
   * `BasicBlock`.
   */
  strideOn?: 'first' | 'second';
  /**
   * Whether normalisation and activation come before each convolution, and none after the sum (He
   * et al. 2016), instead of after each (He et al. 2015). Default false.
   */
  preActivation?: boolean;
  /**
   * `'identity'`: the input, of which a strided block takes every so many pixels. `'projection'`: a
   * 1×1 convolution, normalised, or before normalisation of the pre-activated input.
   * `'avgProjection'`: means of blocks of pixels, then the projection (ResNet-D). `'pool'`: as
   * identity, with zeros for new channels. `'none'`: no shortcut. Default: `'identity'` where the
   * input has as many channels as the output, else `'projection'`.
   */
  shortcut?: Shortcut | null;
  /** The distance between the taps of 3×3 kernels. Default 1. */
  dilationRate?: number;
  /**
   * Keep the size: instead of striding, dilate what comes after. Of a block with `strides` 2, every
   * second pixel is then what the strided block computes. Default false.
   */
  atrous?: boolean;
  /**
   * How a strided 3×3 convolution pads. `'explicit'`: one pixel on either side, whatever the size
   * (tf-slim, Keras applications, torch); `'same'`: TensorFlow's SAME. Default `'explicit'`.
   */
  padding?: StridedPadding;
  /**
   * Which convolutions have a bias: `'none'`, `'all'`, or `'unnormalized'`, those that no
   * normalisation follows. Default `'none'`.
   */
  bias?: Biases;
  /** Options of every `BatchNorm` inside, such as `epsilon` and `momentum`. Default: its own. */
  normalization?: NormalizationArgs;
  /** Default `'relu'`. */
  activation?: ActivationName;
  /** Default `'heNormal'`. */
  kernelInitializer?: InitializerIdentifier;
  /** On every convolution's kernel. Default none. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /**
   * Whether the block starts as its shortcut: the last gamma, or before normalisation the last
   * kernel, is zero at first (Goyal et al. 2017). Default false.
   */
  zeroInitLastGamma?: boolean;
  /** Stochastic depth: the share of the samples that skip the block in training. Default 0. */
  dropPath?: number;
  /**
   * Squeeze-and-excitation (Hu et al. 2018): channels are weighted by what a dense layer of
   * `filters / squeezeExcitation` units, at least 1, makes of their means. Default none.
   */
  squeezeExcitation?: number | null;
  /**
   * Whether activations are computed again in the backward pass instead of kept: memory for time.
   * Default false.
   */
  recompute?: boolean;
}

/** The options of a residual block in canonical form. */
export interface ResidualOptions {
  readonly filters: number;
  readonly expansion: number;
  readonly strides: number;
  readonly strideOn: 'first' | 'second';
  readonly preActivation: boolean;
  readonly shortcut: Shortcut | null;
  readonly dilationRate: number;
  readonly atrous: boolean;
  readonly padding: StridedPadding;
  readonly bias: Biases;
  readonly normalization: BatchNormOptions;
  readonly activation: ActivationName;
  readonly kernelInitializer: Initializer;
  readonly kernelRegularizer: Regularizer | null;
  readonly zeroInitLastGamma: boolean;
  readonly dropPath: number;
  readonly squeezeExcitation: number | null;
  readonly recompute: boolean;
}

/** Checks the options and fills in the defaults. */
export function residualOptions(
  owner: string,
  args: ResidualArgs & { expansion: number; strideOn: 'first' | 'second' },
): ResidualOptions {
  const {
    strides = 1,
    preActivation = false,
    shortcut = null,
    dilationRate = 1,
    atrous = false,
    padding = 'explicit',
    bias = 'none',
    normalization = {},
    activation = 'relu',
    kernelInitializer = 'heNormal',
    zeroInitLastGamma = false,
    dropPath = 0,
    squeezeExcitation = null,
    recompute = false,
  } = args;
  const filters = positiveInt(owner, 'filters', args.filters);
  const expansion = positiveInt(owner, 'expansion', args.expansion);
  if (filters % expansion !== 0) {
    refuse(owner, 'filters', `a multiple of the expansion, ${expansion}`, filters);
  }
  return {
    filters,
    expansion,
    strides: positiveInt(owner, 'strides', strides),
    strideOn: oneOf(owner, 'strideOn', args.strideOn, ['first', 'second']),
    preActivation: boolean(owner, 'preActivation', preActivation),
    shortcut: shortcut === null ? null : oneOf(owner, 'shortcut', shortcut, SHORTCUTS),
    dilationRate: positiveInt(owner, 'dilationRate', dilationRate),
    atrous: boolean(owner, 'atrous', atrous),
    padding: oneOf(owner, 'padding', padding, PADDINGS),
    bias: oneOf(owner, 'bias', bias, BIASES),
    normalization: batchNormOptions(`${owner}: normalization`, normalization),
    activation: activationName(owner, 'activation', activation),
    kernelInitializer: initializer(owner, 'kernelInitializer', kernelInitializer),
    kernelRegularizer: regularizer(owner, 'kernelRegularizer', args.kernelRegularizer),
    zeroInitLastGamma: boolean(owner, 'zeroInitLastGamma', zeroInitLastGamma),
    dropPath: dropRate(owner, 'dropPath', dropPath),
    squeezeExcitation:
      squeezeExcitation === null
        ? null
        : number(owner, 'squeezeExcitation', squeezeExcitation, 'at least 1', (r) => r >= 1),
    recompute: boolean(owner, 'recompute', recompute),
  };
}

/** The form in which a model's JSON keeps the options. */
export function savedResidualOptions(options: ResidualOptions): serialization.ConfigDict {
  const { activation: _, axis: __, ...normalization } = savedOptions(options.normalization);
  return {
    ...options,
    normalization,
    kernelInitializer: serialize(options.kernelInitializer),
    kernelRegularizer: serialize(options.kernelRegularizer),
  };
}
