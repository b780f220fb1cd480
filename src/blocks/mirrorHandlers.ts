import type { serialization } from '@tensorflow/tfjs-core';
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError, show } from '../core/args.js';
import { effectiveKernel, type Padding } from '../core/shape.js';
import { CroppedConv2DTranspose } from '../layers/CroppedConv2DTranspose.js';
import { MaxPoolWithArgmax2D } from '../upsample/MaxPoolWithArgmax2D.js';
import { MaxUnpool2D } from '../upsample/MaxUnpool2D.js';
import { Upsample2D } from '../upsample/Upsample2D.js';

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
  'Blocks.MaxPool2DSame': upsampling,
  'Blocks.Subsample2D': upsampling,
  'Blocks.BlockMean2D': upsampling,
  AveragePooling2D: averagePooling,
  GlobalAveragePooling2D: spreading,
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
    return transposed({ ...args, name: place.name, padding }, from, place);
  }
  // Padded by the kernel alone: a convolution without padding of the padded image, which is cropped.
  const before = kernelSize!.map((k, i) =>
    Math.floor((effectiveKernel(k, dilationRate![i]!) - 1) / 2),
  ) as Pair;
  const after = kernelSize!.map(
    (k, i) => effectiveKernel(k, dilationRate![i]!) - 1 - before[i]!,
  ) as Pair;
  if (before.every((n, i) => n === 0 && after[i] === 0)) {
    return transposed({ ...args, name: place.name, padding: 'valid' }, from, place);
  }
  const padding = [0, 1].map((i) => [before[i]!, after[i]!]) as [Pair, Pair];
  const size = place.reference
    ? undefined
    : (sizeOf(place).map((n, i) => n + before[i]! + after[i]!) as Pair);
  const padded =
    place.reference &&
    (layers.zeroPadding2d({ name: `${place.name}_pad`, padding }).apply(place.reference) as X);
  const whole = new CroppedConv2DTranspose({
    ...args,
    name: place.name,
    padding: 'valid',
    outputSize: size,
  });
  const full = whole.apply(padded ? [from, padded] : from) as X;
  return layers.cropping2D({ name: `${place.name}_crop`, cropping: padding }).apply(full) as X;
}

function transposed(
  args: ConstructorParameters<typeof CroppedConv2DTranspose>[0],
  y: X,
  place: MirrorPlace,
): X {
  if (place.reference) return new CroppedConv2DTranspose(args).apply([y, place.reference]) as X;
  return new CroppedConv2DTranspose({ ...args, outputSize: sizeOf(place) }).apply(y) as X;
}

function dense(layer: Layer, y: X, place: MirrorPlace): X {
  const config = layer.getConfig();
  const units = place.input.shape.at(-1)!;
  const args = { name: place.name, units, useBias: !place.normalized };
  return layers.dense(args).apply(activated(config, y, place)) as X;
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
  return new Upsample2D({ name: place.name, outputSize: sizeOf(place) }).apply(y) as X;
}

function maxPooling(layer: Layer, y: X, place: MirrorPlace): X {
  if (place.unpool === 'nearest' || !place.reference) return upsampling(layer, y, place);
  const { poolSize, strides, padding } = layer.getConfig() as Record<string, never>;
  const args = { poolSize, strides, padding };
  const pool = new MaxPoolWithArgmax2D({ ...args, name: `${place.name}_argmax` });
  const [, indices] = pool.apply(place.reference) as X[];
  return new MaxUnpool2D({ ...args, name: place.name }).apply([y, indices!, place.reference]) as X;
}

/** The adjoint of the sum where windows stand side by side; else pixels are repeated. */
function averagePooling(layer: Layer, y: X, place: MirrorPlace): X {
  const { poolSize, strides, padding } = layer.getConfig() as unknown as {
    poolSize: Pair;
    strides: Pair;
    padding: string;
  };
  if (padding !== 'same' || `${poolSize}` !== `${strides}`) return upsampling(layer, y, place);
  const args = { name: place.name, size: strides, outputSize: sizeOf(place) };
  return new Upsample2D({ ...args, interpolation: 'transpose' }).apply(y) as X;
}

/** The mean of an image, everywhere. */
function spreading(_: Layer, y: X, place: MirrorPlace): X {
  const targetShape = [1, 1, y.shape.at(-1)!];
  const pixel = layers.reshape({ name: `${place.name}_pixel`, targetShape }).apply(y) as X;
  return new Upsample2D({ name: place.name, outputSize: sizeOf(place) }).apply(pixel) as X;
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
