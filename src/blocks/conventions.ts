import { initializers } from '@tensorflow/tfjs-layers';
import type { ActivationName } from '../core/activation.js';
import type { InitializerIdentifier } from '../core/identify.js';
import type { Version } from './depths.js';
import type { Biases, NormalizationArgs, StridedPadding } from './residualOptions.js';

/** What one system does otherwise than another in the same network. */
export interface ResNetConventions {
  /** Which block of a stage strides: its first (from the second stage on), or its last (but one). */
  strideUnit: 'first' | 'last';
  /** Which convolution of a bottleneck strides: the first 1×1, or the 3×3. */
  strideOn: 'first' | 'second';
  /** How strided convolutions pad: by a fixed number of pixels, or TensorFlow's SAME. */
  padding: StridedPadding;
  /**
   * What the stem's max pooling has around the image: `'same'`, as TensorFlow's SAME;
   * `'explicit'`, a pixel on either side that never wins; `'zeros'`, a zero on either side.
   */
  stemPool: 'same' | 'explicit' | 'zeros';
  /** Which convolutions have a bias. */
  bias: Biases;
  /** Options of every `BatchNorm`. */
  normalization: NormalizationArgs;
  /** Of every convolution's kernel. */
  kernelInitializer: InitializerIdentifier;
  /** Of the classifier's kernel. */
  classifierInitializer: InitializerIdentifier;
  /** What the classifier makes of its logits. */
  classifierActivation: ActivationName;
  /** The weight decay: a loss of `l2·Σw²` for every kernel; null for none. */
  l2: number | null;
  /** Whether every block starts as its shortcut. */
  zeroInitLastGamma: boolean;
}

/** The name of a row of the table of conventions. */
export type Preset = 'slim' | 'keras' | 'torch';

/** The standard deviation of a normal distribution that is cut off at two of its own. */
const TRUNCATED = 0.8796256610342398;

/** tf-slim's factor for what truncation takes, which is a little large. */
const SLIM_HE = initializers.varianceScaling({
  scale: 2 * 1.3,
  mode: 'fanIn',
  distribution: 'normal',
});

const SLIM: ResNetConventions = {
  strideUnit: 'last',
  strideOn: 'second',
  padding: 'explicit',
  stemPool: 'same',
  bias: 'unnormalized',
  normalization: { epsilon: 1e-5, momentum: 0.997, variance: 'unbiased' },
  kernelInitializer: SLIM_HE,
  classifierInitializer: SLIM_HE,
  classifierActivation: 'linear',
  // 1e-4 of what tf-slim's l2_regularizer, with its ½, makes of it.
  l2: 5e-5,
  zeroInitLastGamma: false,
};

const KERAS: ResNetConventions = {
  strideUnit: 'first',
  strideOn: 'first',
  padding: 'explicit',
  stemPool: 'zeros',
  bias: 'all',
  normalization: { epsilon: 1.001e-5, momentum: 0.99, variance: 'biased' },
  kernelInitializer: 'glorotUniform',
  classifierInitializer: 'glorotUniform',
  classifierActivation: 'softmax',
  l2: null,
  zeroInitLastGamma: false,
};

const TORCH: ResNetConventions = {
  strideUnit: 'first',
  strideOn: 'second',
  padding: 'explicit',
  stemPool: 'explicit',
  bias: 'none',
  normalization: { epsilon: 1e-5, momentum: 0.9, variance: 'unbiased' },
  // The variance of kaiming_normal_(mode='fan_out').
  kernelInitializer: initializers.varianceScaling({
    scale: 2 / TRUNCATED ** 2,
    mode: 'fanOut',
    distribution: 'normal',
  }),
  // Uniform in ±1/√n, as torch's Linear has it.
  classifierInitializer: initializers.varianceScaling({
    scale: 1 / 3,
    mode: 'fanIn',
    distribution: 'uniform',
  }),
  classifierActivation: 'linear',
  l2: null,
  zeroInitLastGamma: false,
};

/**
 * The conventions of tf-slim (resnet_v1, resnet_v2), of Keras applications (ResNet, ResNetV2), and
 * of torchvision (resnet) and timm (resnetv2).
 */
export const CONVENTIONS: Record<Preset, Record<Version, ResNetConventions>> = {
  slim: { 1: SLIM, 2: SLIM },
  keras: {
    1: KERAS,
    2: { ...KERAS, strideUnit: 'last', strideOn: 'second', bias: 'unnormalized' },
  },
  torch: { 1: TORCH, 2: TORCH },
};
