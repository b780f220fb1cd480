import {
  input,
  type LayersModel,
  layers,
  model,
  regularizers,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { seeded } from '../core/identify.js';
import { Conv2DSame } from '../layers/Conv2DSame.js';
import { MaxPool2DSame } from '../layers/MaxPool2DSame.js';
import { BatchNorm } from '../norm/BatchNorm.js';
import { BasicBlock } from './BasicBlock.js';
import { Bottleneck } from './Bottleneck.js';
import type { Shortcut } from './residualOptions.js';
import {
  type ResNetArgs,
  type ResNetOptions,
  resNetOptions,
  STEM_STRIDES,
} from './resNetOptions.js';

type X = SymbolicTensor;
type Layer = layers.Layer;

/**
 * A residual network with normalisation after each convolution: images `[b, h, w, c]` to logits
 * `[b, classes]`, or without the classifier to features.
 *
 * Number for number what tf-slim's `resnet_v1`, Keras's `ResNet` or torchvision's `resnet` computes
 * with the same weights, as `preset` says; every single convention can be overridden.
 *
 * The layers are named `stem_conv`, `stem_bn`, `stem_pool`, `stage1_block1` … `stage4_block3`,
 * `pool` and `logits`; the weights `stage1_block1/conv1/kernel` and so on. {@link endPoints} has the
 * tensors between them.
 *
 * @throws {@link OptionError} for an option out of its range.
 *
 * @example
 * ```ts
 * const classifier = resNetV1({ depth: 50, preset: 'keras' });
 * const features = resNetV1({ depth: 18, includeTop: false, inputShape: [null, null, 3] });
 * const dense = resNetV1({ preset: 'slim', includeTop: false, outputStride: 8 });
 * const small = resNetV1({ depth: 20 }); // CIFAR: [32, 32, 3] → 10
 * ```
 *
 * Source: He et al. 2015, "Deep Residual Learning for Image Recognition".
 */
export function resNetV1(args: ResNetArgs = {}): LayersModel {
  return resNet(resNetOptions(1, args));
}

/**
 * A residual network with normalisation before each convolution: images `[b, h, w, c]` to logits
 * `[b, classes]`, or without the classifier to features.
 *
 * Number for number what tf-slim's `resnet_v2`, Keras's `ResNetV2` or timm's `resnetv2` computes with
 * the same weights, as `preset` says; else as {@link resNetV1}. A `final_bn` stands behind the blocks,
 * and no `stem_bn` before them.
 *
 * @throws {@link OptionError} for an option out of its range.
 *
 * @example
 * ```ts
 * const classifier = resNetV2({ depth: 101, preset: 'slim' });
 * const small = resNetV2({ depth: 164, classes: 100 }); // CIFAR, bottlenecks
 * ```
 *
 * Source: He et al. 2016, "Identity Mappings in Deep Residual Networks".
 */
export function resNetV2(args: ResNetArgs = {}): LayersModel {
  return resNet(resNetOptions(2, args));
}

function resNet(options: ResNetOptions): LayersModel {
  const { inputShape, version, includeTop, pooling, activation } = options;
  const x = input({ shape: [...inputShape], name: 'image' });
  let y = stages(options, stem(options, x));
  if (version === 2) y = apply(norm(options, 'final_bn', activation), y);
  if (pooling === 'avg') y = apply(layers.globalAveragePooling2d({ name: 'pool' }), y);
  if (pooling === 'max') y = apply(layers.globalMaxPooling2d({ name: 'pool' }), y);
  if (includeTop) y = apply(classifier(options), y);
  return model({ inputs: x, outputs: y, name: options.name });
}

function stem(options: ResNetOptions, x: X): X {
  const { version, filters, activation } = options;
  const width = channels(options, filters);
  const unit = (suffix: string, args: ConvSize, y: X, normalized = true) => {
    const out = apply(conv(options, `stem_conv${suffix}`, args, normalized), y);
    return normalized ? apply(norm(options, `stem_bn${suffix}`, activation), out) : out;
  };
  // Before normalisation, the first block's own comes next.
  const normalized = version === 1;
  switch (options.stem) {
    case 'none':
      return x;
    case 'cifar':
      return unit('', { filters: width, kernelSize: 3 }, x, normalized);
    case 'imagenet':
      return stemPool(
        options,
        unit('', { filters: width, kernelSize: 7, strides: 2 }, x, normalized),
      );
    case 'deep': {
      const half = channels(options, filters / 2);
      const first = unit('1', { filters: half, kernelSize: 3, strides: 2 }, x);
      const second = unit('2', { filters: half, kernelSize: 3 }, first);
      return stemPool(options, unit('3', { filters: width, kernelSize: 3 }, second, normalized));
    }
  }
}

function stemPool({ stemPool: padding }: ResNetOptions, x: X): X {
  const name = 'stem_pool';
  if (padding === 'explicit') return apply(new MaxPool2DSame({ name }), x);
  const zeros = padding === 'zeros';
  const image = zeros ? apply(layers.zeroPadding2d({ name: 'stem_pad', padding: 1 }), x) : x;
  const args = { name, poolSize: 3, strides: 2, padding: zeros ? 'valid' : 'same' } as const;
  return apply(layers.maxPooling2d(args), image);
}

function stages(options: ResNetOptions, x: X): X {
  const { units, filters, strideUnit, outputStride, version, dropPath } = options;
  const blocks = units.reduce((sum, count) => sum + count);
  let [stride, rate, index] = [STEM_STRIDES[options.stem], 1, 0];
  let y = x;
  for (const [stage, count] of units.entries()) {
    for (let unit = 0; unit < count; unit++) {
      const strided =
        strideUnit === 'first'
          ? stage > 0 && unit === 0
          : stage < units.length - 1 && unit === count - 1;
      const strides = strided ? 2 : 1;
      const atrous = strided && stride === outputStride;
      const args = {
        name: `stage${stage + 1}_block${unit + 1}`,
        strides,
        atrous,
        dilationRate: rate,
        preActivation: version === 2,
        dropPath: (dropPath * index) / Math.max(blocks - 1, 1),
      };
      y = apply(block(options, filters * 2 ** stage, y, args), y);
      if (atrous) rate *= strides;
      else stride *= strides;
      index++;
    }
  }
  return y;
}

type BlockArgs = Omit<ConstructorParameters<typeof Bottleneck>[0], 'filters'>;

function block(options: ResNetOptions, base: number, x: X, args: BlockArgs): Layer {
  const { block: kind, expansion, bias, padding, activation, kernelInitializer } = options;
  const { normalization, zeroInitLastGamma, squeezeExcitation, recompute, strideOn } = options;
  const filters = channels(options, base) * (kind === 'basic' ? 1 : 4);
  const all: BlockArgs & { filters: number } = {
    ...args,
    filters,
    shortcut: shortcut(options, x.shape[3] !== filters, args.strides! > 1),
    bias,
    padding,
    activation,
    normalization,
    kernelInitializer,
    kernelRegularizer: regularizer(options),
    zeroInitLastGamma,
    squeezeExcitation,
    recompute,
  };
  return kind === 'basic' ? new BasicBlock(all) : new Bottleneck({ ...all, expansion, strideOn });
}

/** The shortcut of a block by whether it changes the number of channels, and whether it strides. */
function shortcut(
  { shortcut: transition }: ResNetOptions,
  changes: boolean,
  strides: boolean,
): Shortcut {
  if (transition === 'none' && (changes || strides)) return 'none';
  return changes ? transition : 'identity';
}

function classifier(options: ResNetOptions): Layer {
  const { classes, classifierInitializer, classifierActivation } = options;
  return layers.dense({
    name: 'logits',
    units: classes,
    activation: classifierActivation as 'linear',
    kernelInitializer: seeded(classifierInitializer),
    kernelRegularizer: regularizer(options) ?? undefined,
  });
}

interface ConvSize {
  filters: number;
  kernelSize: number;
  strides?: number;
}

function conv(options: ResNetOptions, name: string, size: ConvSize, normalized: boolean): Layer {
  const { bias, padding, kernelInitializer } = options;
  const args = {
    ...size,
    name,
    useBias: bias === 'all' || (bias === 'unnormalized' && !normalized),
    kernelInitializer: seeded(kernelInitializer),
    kernelRegularizer: regularizer(options) ?? undefined,
  };
  return padding === 'same' ? layers.conv2d({ ...args, padding }) : new Conv2DSame(args);
}

function norm(
  { normalization }: ResNetOptions,
  name: string,
  activation: ResNetOptions['activation'],
): Layer {
  return new BatchNorm({ ...normalization, name, activation });
}

function regularizer({ l2 }: ResNetOptions) {
  return l2 === null ? null : regularizers.l2({ l2 });
}

/** A number of channels times the width: a whole number, at least 1. */
function channels({ width }: ResNetOptions, filters: number): number {
  return Math.max(1, Math.round(filters * width));
}

function apply(layer: Layer, x: X): X {
  return layer.apply(x) as X;
}
