import type { serialization } from '@tensorflow/tfjs-core';
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError, show } from '../core/args.js';
import { seeded } from '../core/identify.js';
import { effectiveKernel, type Padding } from '../core/shape.js';
import {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
} from '../layers/CroppedConv2DTranspose.js';
import { AverageUnpool2D, type AverageUnpool2DArgs } from '../upsample/AverageUnpool2D.js';
import {
  MaxPoolWithArgmax2D,
  type MaxPoolWithArgmax2DArgs,
} from '../upsample/MaxPoolWithArgmax2D.js';
import { MaxUnpool2D } from '../upsample/MaxUnpool2D.js';
import { Upsample2D } from '../upsample/Upsample2D.js';
import { TiedConv2DTranspose } from './TiedConv2DTranspose.js';
import { TiedDense } from './TiedDense.js';

type X = SymbolicTensor;
type Layer = layers.Layer;
type Pair = [number, number];

/** What a handler knows of the place where it mirrors a layer. */
export interface MirrorPlace {
  /** The name for the mirrored layer. */
  name: string;
  /** The encoder's tensor that the layer took. */
  input: SymbolicTensor;
  /** The same where it can be used in the decoder's graph; not in {@link mirror}, not inside blocks. */
  reference?: SymbolicTensor;
  /** A tensor of the decoder's graph as high and as wide; where the size is to come from one. */
  like?: SymbolicTensor;
  /** The names that lead to the layer, joined by `/`, if the decoder is to have its kernel. */
  tiedTo?: string;
  /** How max pooling is reversed. */
  unpool: 'argmax' | 'nearest';
  /** Whether a normalisation follows in the decoder, so that a bias would be lost. */
  normalized: boolean;
  /** Whether nothing but layers that keep the shape stands between this layer and the code. */
  atCode: boolean;
}

/** Mirrors a layer: takes a tensor like the layer's output to one like its input. */
export type MirrorHandler = (
  layer: layers.Layer,
  y: SymbolicTensor,
  place: MirrorPlace,
) => SymbolicTensor;

/** How each class of layer is mirrored. */
export const HANDLERS: Record<string, MirrorHandler> = {
  Conv2D: convolution,
  'Blocks.Conv2DSame': convolution,
  Dense: dense,
  Flatten: reshape,
  Reshape: reshape,
  MaxPooling2D: maxPooling,
  'Blocks.MaxPool2DSame': maxPooling,
  'Blocks.Subsample2D': upsampling,
  'Blocks.BlockMean2D': blockMean,
  AveragePooling2D: averagePooling,
  GlobalAveragePooling2D: globalAverage,
  ZeroPadding2D: cropping,
  InputLayer: (_, y) => y,
  ...Object.fromEntries(
    ['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'PReLU', 'Softmax', 'Dropout', 'SpatialDropout2D']
      .concat(['GaussianNoise', 'GaussianDropout', 'BatchNormalization'])
      .concat(['Blocks.BatchNorm', 'Blocks.DropPath'])
      .map((type) => [type, again]),
  ),
};

/** Height and width of an image in the encoder; refused where they must be known and are not. */
function sizeOf({ input, name }: MirrorPlace): Pair {
  const [, height, width] = input.shape;
  if (height == null || width == null) {
    throw new OptionError(
      `mirror: the input of '${name.replace(/_mirror$/, '')}' must have a known size, got ${show(input.shape)}`,
    );
  }
  return [height, width];
}

/** The activation of an encoder's layer, before its mirror; not on the code, which has had it. */
function activated(
  { activation }: serialization.ConfigDict,
  y: X,
  { name, atCode }: MirrorPlace,
): X {
  if (atCode || activation == null || activation === 'linear') return y;
  const layer = layers.activation({ name: `${name}_activation`, activation: activation as 'relu' });
  return layer.apply(y) as X;
}

function convolution(layer: Layer, y: X, place: MirrorPlace): X {
  const config = layer.getConfig();
  const { kernelSize, strides, dilationRate } = config as Record<string, Pair>;
  const same = layer.getClassName() === 'Blocks.Conv2DSame';
  const channels = place.input.shape[3]!;
  const from = activated(config, y, place);
  const args = {
    filters: channels,
    kernelSize: kernelSize!,
    strides: strides!,
    dilationRate: dilationRate!,
    useBias: !place.normalized,
    kernelInitializer: 'heNormal' as const,
  };
  if (!same) {
    const padding = config.padding as Padding;
    return transposed(layer, { ...args, name: place.name, padding }, from, place);
  }
  // Padded by the kernel alone: a convolution without padding of the padded image, which is cropped.
  const padding = kernelSize!.map((k, i) => {
    const total = effectiveKernel(k, dilationRate![i]!) - 1;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }) as [Pair, Pair];
  const valid = { ...args, name: place.name, padding: 'valid' as const };
  if (padding.flat().every((n) => n === 0)) return transposed(layer, valid, from, place);
  const pad = { name: `${place.name}_pad`, padding };
  const like = place.like && (layers.zeroPadding2d(pad).apply(place.like) as X);
  const size = like ? null : sizeOf(place).map((n, i) => n + padding[i]![0] + padding[i]![1]);
  const whole = transposed(layer, valid, from, { ...place, like }, size as Pair | null);
  return layers.cropping2D({ name: `${place.name}_crop`, cropping: padding }).apply(whole) as X;
}

function transposed(
  layer: Layer,
  args: CroppedConv2DTransposeArgs,
  y: X,
  place: MirrorPlace,
  size: Pair | null = place.like ? null : sizeOf(place),
): X {
  return toSize(transposedLayer(layer, { ...args, outputSize: size }, place), y, place);
}

function transposedLayer(layer: Layer, args: CroppedConv2DTransposeArgs, { tiedTo }: MirrorPlace) {
  if (tiedTo === undefined) return new CroppedConv2DTranspose(args);
  const tied = new TiedConv2DTranspose({ ...args, tiedTo: { name: tiedTo } });
  tied.tie.bind(layer);
  return tied;
}

/**
 * Applies a layer that takes its size from a second input, where there is one. None is as large as y
 * itself: tf.layers drops an input too early that a layer takes twice.
 */
function toSize(layer: Layer, y: X, { like }: MirrorPlace): X {
  return layer.apply(like && like !== y ? [y, like] : y) as X;
}

function dense(layer: Layer, y: X, place: MirrorPlace): X {
  const units = place.input.shape.at(-1)!;
  const args = { name: place.name, units, useBias: !place.normalized };
  const from = activated(layer.getConfig(), y, place);
  if (place.tiedTo === undefined) {
    const kernelInitializer = seeded('glorotNormal');
    return layers.dense({ ...args, kernelInitializer }).apply(from) as X;
  }
  const tied = new TiedDense({ ...args, tiedTo: { name: place.tiedTo } });
  tied.tie.bind(layer);
  return tied.apply(from) as X;
}

function reshape(_: Layer, y: X, { name, input }: MirrorPlace): X {
  return layers.reshape({ name, targetShape: input.shape.slice(1) as number[] }).apply(y) as X;
}

/** Pixels are repeated up to exactly the encoder's size. */
function upsampling(layer: Layer, y: X, place: MirrorPlace): X {
  const [from, to] = [y.shape[3], place.input.shape[3]];
  if (layer.getClassName() === 'Blocks.Subsample2D' && from !== to) {
    throw new OptionError(`mirror: '${layer.name}' can't be mirrored: it adds channels`);
  }
  if (place.like === y) return y;
  const outputSize = place.like ? null : sizeOf(place);
  return toSize(new Upsample2D({ name: place.name, outputSize }), y, place);
}

function maxPooling(layer: Layer, y: X, place: MirrorPlace): X {
  if (place.unpool === 'nearest' || !place.reference) return upsampling(layer, y, place);
  const config = layer.getConfig() as MaxPoolWithArgmax2DArgs;
  const { poolSize, strides, padding = 'explicit' } = config;
  const args = { poolSize, strides, padding };
  const pool = new MaxPoolWithArgmax2D({ ...args, name: `${place.name}_argmax` });
  const [, indices] = pool.apply(place.reference) as X[];
  return new MaxUnpool2D({ ...args, name: place.name }).apply([y, indices!, place.reference]) as X;
}

function averagePooling(layer: Layer, y: X, place: MirrorPlace): X {
  const { poolSize, strides, padding } = layer.getConfig() as AverageUnpool2DArgs;
  return unpooled({ poolSize, strides, padding }, y, place);
}

/** The adjoint of the mean of each block; means of blocks at every pixel are taken as they are. */
function blockMean(layer: Layer, y: X, place: MirrorPlace): X {
  const { size, dilationRate } = layer.getConfig() as { size: number; dilationRate: number | null };
  return dilationRate === null ? unpooled({ poolSize: size, padding: 'end' }, y, place) : y;
}

function globalAverage(_: Layer, y: X, place: MirrorPlace): X {
  const targetShape = [1, 1, y.shape.at(-1)!];
  const pixel = layers.reshape({ name: `${place.name}_pixel`, targetShape }).apply(y) as X;
  return unpooled({ poolSize: null }, pixel, place);
}

/** The adjoint of average pooling. */
function unpooled(args: AverageUnpool2DArgs, y: X, place: MirrorPlace): X {
  const outputSize = place.like ? null : sizeOf(place);
  return toSize(new AverageUnpool2D({ ...args, name: place.name, outputSize }), y, place);
}

function cropping(layer: Layer, y: X, { name }: MirrorPlace): X {
  const { padding } = layer.getConfig() as unknown as { padding: [Pair, Pair] };
  return layers.cropping2D({ name, cropping: padding }).apply(y) as X;
}

/** The same layer with weights of its own; none on the code, which has had it. */
function again(layer: Layer, y: X, { name, atCode }: MirrorPlace): X {
  if (atCode) return y;
  const { batchInputShape: _, ...config } = layer.getConfig();
  const cls = layer.constructor as unknown as { fromConfig: serialization.FromConfigMethod<Layer> };
  const type = layer.constructor as serialization.SerializableConstructor<Layer>;
  return cls.fromConfig(type, { ...config, name, trainable: true }).apply(y) as X;
}
