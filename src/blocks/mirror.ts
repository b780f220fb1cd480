import {
  input,
  type LayersModel,
  layers as make,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { type ActivationName, activationName } from '../core/activation.js';
import { boolean, OptionError, oneOf } from '../core/args.js';
import { seeded } from '../core/identify.js';
import { type Step, stepsOf } from '../core/steps.js';
import { modelInside } from '../core/walk.js';
import { HANDLERS, type MirrorHandler } from './mirrorHandlers.js';
import { TiedModel } from './TiedModel.js';

type X = SymbolicTensor;

/** Options of {@link mirror} and {@link autoencoder}. */
export interface MirrorOptions {
  /** Applied to the reconstruction. Default `'linear'`. */
  activation?: ActivationName;
  /**
   * How layers of further classes are mirrored, by class name; these come before the library's. Default
   * none.
   */
  handlers?: Record<string, MirrorHandler>;
  /**
   * Whether transposed convolutions and dense layers have the kernels of the encoder's layers, so that
   * each kernel learns from both; biases are their own. A decoder of {@link mirror} then works on the
   * output of its encoder alone: save both as one model. Default false.
   */
  tied?: boolean;
  /** The decoder's name. Default the encoder's, and `_mirror`. */
  name?: string;
}

/** Further options of {@link autoencoder}, whose decoder sees what is inside the encoder. */
export interface AutoencoderOptions extends MirrorOptions {
  /**
   * How max pooling is reversed: `'argmax'`, values go back to where they were found; `'nearest'`,
   * they are repeated, as they are inside blocks and nested models anyway. Default `'argmax'`.
   */
  unpool?: 'argmax' | 'nearest';
  /**
   * What the decoder does with the encoder's own tensor wherever the image gets larger: `'add'`;
   * `'concat'`, and a 1×1 convolution back to the number of channels; or `'none'`. Default `'none'`.
   */
  skips?: 'add' | 'concat' | 'none';
}

/**
 * The decoder of an encoder: its layers in reverse, each of which gives back exactly the size that
 * the encoder's had as its input, even or odd.
 *
 * Convolutions become cropped transposed ones of the same kernel, strides and padding; average
 * pooling becomes its adjoint, max pooling upsampling, dense dense, flatten reshape; normalisation,
 * activation and dropout stay what they are. Branches that meet in a sum are mirrored as branches, so
 * blocks and whole residual networks can be. Where the encoder branches, the decoder adds.
 *
 * The encoder's sizes must be known; {@link autoencoder} needs not know them.
 *
 * @throws {@link OptionError} that names the layer that can't be mirrored; `options.handlers` can
 * teach it.
 *
 * @example
 * ```ts
 * const decoder = mirror(encoder, { activation: 'sigmoid' });
 * const both = tfl.sequential({ layers: [encoder, decoder] });
 * ```
 */
export function mirror(encoder: LayersModel, options: MirrorOptions = {}): LayersModel {
  const code = input({ shape: encoder.outputs[0]!.shape.slice(1), name: `${encoder.name}_code` });
  const image = planOf('mirror', encoder, options).image(encoder, code);
  const args = { inputs: code, outputs: image, name: options.name ?? `${encoder.name}_mirror` };
  return options.tied ? new TiedModel(args) : model(args);
}

/**
 * An encoder together with its mirrored decoder: from images to images of the same size. The
 * encoder's layers are its own, so training the one trains the other.
 *
 * Beyond {@link mirror}, the sizes may be unknown, max pooling is reversed by the encoder's own
 * argmax, and there may be skip connections. The encoder must be a single model, not one of models,
 * where these are wanted.
 *
 * @throws {@link OptionError} as {@link mirror} does.
 *
 * @example
 * ```ts
 * const unet = autoencoder(encoder, { skips: 'concat', activation: 'sigmoid' });
 * ```
 */
export function autoencoder(encoder: LayersModel, options: AutoencoderOptions = {}): LayersModel {
  const { unpool = 'argmax', skips = 'none' } = options;
  oneOf('autoencoder', 'unpool', unpool, ['argmax', 'nearest']);
  oneOf('autoencoder', 'skips', skips, ['add', 'concat', 'none']);
  const plan = planOf('autoencoder', encoder, options, { unpool, skips });
  const image = plan.image(encoder, encoder.outputs[0]!);
  const name = options.name ?? `${encoder.name}_autoencoder`;
  return model({ inputs: encoder.inputs, outputs: image, name });
}

function planOf(
  owner: string,
  encoder: LayersModel,
  { activation, handlers, tied = false }: MirrorOptions,
  taps?: Taps,
): Mirror {
  if (encoder.inputs.length !== 1 || encoder.outputs.length !== 1) {
    throw new OptionError(`${owner}: '${encoder.name}' must have one input and one output`);
  }
  const last = activationName(owner, 'activation', activation);
  boolean(owner, 'tied', tied);
  return new Mirror(owner, { ...HANDLERS, ...handlers }, last, tied, taps);
}

/** How a decoder uses what is inside its encoder. */
type Taps = Required<Pick<AutoencoderOptions, 'unpool' | 'skips'>>;

/** Where a model or a block is that is mirrored. */
interface Inside {
  /** The names that lead to it from the encoder. */
  path: string[];
  /** A tensor of the decoder's graph as high and as wide as its input. */
  like?: X;
}

const OUTSIDE: Inside = { path: [] };

function isOutside({ path }: Inside): boolean {
  return path.length === 0;
}

function prefix({ path }: Inside): string {
  return path.map((name) => `${name}_`).join('');
}

/**
 * For the tensors of an encoder those of the decoder's graph that are as high and as wide: they
 * themselves, or inside a block what is as large as the block's input, as far as nothing strides.
 */
function sizesOf(steps: Step[], image: X, at: Inside): Map<X, X> {
  if (isOutside(at)) return new Map(steps.flatMap(({ inputs }) => inputs.map((x) => [x, x])));
  const sizes = new Map(at.like ? [[image, at.like]] : []);
  for (const step of steps) {
    const like = sizes.get(step.inputs[0]!);
    if (like && keepsSize(step)) sizes.set(step.outputs[0]!, like);
  }
  return sizes;
}

/** Whether an image of whatever size comes out of a layer as high and as wide as it went in. */
function keepsSize({ layer, inputs, outputs }: Step): boolean {
  const open = [...inputs, ...outputs].every(
    ({ shape }) => shape.length === 4 && shape.slice(1, 3).includes(null),
  );
  if (!open) return false;
  const shapes = inputs.map(({ shape }) => [1, ...PROBE, shape[3]!]);
  const [, height, width] = layer.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes);
  return height === PROBE[0] && width === PROBE[1];
}

/** A size that no stride divides. */
const PROBE = [61, 67] as const;

/** Goes through an encoder as a gradient does, backwards, and sums where it branches. */
class Mirror {
  readonly #owner: string;
  readonly #handlers: Record<string, MirrorHandler>;
  readonly #activation: ActivationName;
  readonly #tied: boolean;
  readonly #taps?: Taps;
  #image?: X;
  /** The tensor of the encoder that is like the code: elementwise layers are between them. */
  #code?: X;

  constructor(
    owner: string,
    handlers: Record<string, MirrorHandler>,
    activation: ActivationName,
    tied: boolean,
    taps?: Taps,
  ) {
    this.#owner = owner;
    this.#handlers = handlers;
    this.#activation = activation;
    this.#tied = tied;
    this.#taps = taps;
  }

  /** The reconstruction of an encoder's image from its code. */
  image(encoder: LayersModel, code: X): X {
    this.#image = encoder.inputs[0]!;
    this.#code = encoder.outputs[0]!;
    const y = this.run(encoder, code);
    if (this.#activation === 'linear') return y;
    const activation = this.#activation as 'relu';
    return make.activation({ name: `${encoder.name}_image`, activation }).apply(y) as X;
  }

  /** Mirrors a model: from a tensor like its output to one like its input. */
  run(encoder: LayersModel, code: X, at: Inside = OUTSIDE): X {
    const arrived = new Map<X, X[]>([[encoder.outputs[0]!, [code]]]);
    const steps = stepsOf(encoder);
    const sizes = this.#taps ? sizesOf(steps, encoder.inputs[0]!, at) : new Map<X, X>();
    for (const step of [...steps].reverse()) {
      const parts = arrived.get(step.outputs[0]!);
      // A gate, such as squeeze-and-excitation's, leads nowhere back.
      if (!parts) continue;
      const y = this.#sum(parts, `${prefix(at)}${step.layer.name}_sum`);
      const results = this.#step(step, y, { ...at, steps, sizes });
      for (const [i, result] of results.entries()) {
        const tensor = step.inputs[i]!;
        arrived.set(tensor, [...(arrived.get(tensor) ?? []), result]);
      }
    }
    return this.#sum(arrived.get(encoder.inputs[0]!) ?? [code], `${prefix(at)}image_sum`);
  }

  #step(step: Step, y: X, at: Inside & { steps: Step[]; sizes: Map<X, X> }): X[] {
    const { layer } = step;
    const type = layer.getClassName();
    const atCode = step.outputs[0] === this.#code;
    const name = `${prefix(at)}${layer.name}_mirror`;
    const path = [...at.path, layer.name];
    const handler = this.#handlers[type];
    const inside = modelInside(layer);
    const tensor = step.inputs[0]!;
    // A layer that keeps the size has found what is as large as its input.
    const like = at.sizes.get(tensor) ?? (this.#taps && keepsSize(step) ? y : undefined);
    if (!handler && inside) {
      if (atCode) this.#code = inside.outputs[0];
      return [this.#skip(step, this.run(inside, y, { path, like }), name, at)];
    }
    if (type === 'Add') return step.inputs.map(() => y);
    if (type === 'Multiply') return [y];
    if (!handler || step.inputs.length !== 1) {
      throw new OptionError(
        `${this.#owner}: layer '${prefix(at)}${layer.name}' (${type}) can't be mirrored; teach it with handlers`,
      );
    }
    const before = at.steps.find(({ outputs }) => outputs.includes(tensor))?.layer.getClassName();
    const result = handler(layer, y, {
      name,
      input: tensor,
      reference: this.#taps && isOutside(at) ? tensor : undefined,
      like,
      tiedTo: this.#tied ? path.join('/') : undefined,
      unpool: this.#taps?.unpool ?? 'nearest',
      normalized: /BatchNorm/.test(before ?? ''),
      atCode,
    });
    if (atCode && `${tensor.shape}` === `${step.outputs[0]!.shape}`) this.#code = tensor;
    return [this.#skip(step, result, name, at)];
  }

  /** Takes in the encoder's own tensor where the image has become larger. */
  #skip(step: Step, y: X, name: string, at: Inside): X {
    const [tensor] = step.inputs as [X];
    const [from, to] = [step.outputs[0]!.shape, tensor.shape];
    const kind = this.#taps?.skips ?? 'none';
    const larger =
      from.length === 4 && to.length === 4 && `${from.slice(1, 3)}` !== `${to.slice(1, 3)}`;
    const strided = larger || Number(step.layer.getConfig().strides ?? 1) > 1;
    if (kind === 'none' || !isOutside(at) || !strided || tensor === this.#image) return y;
    if (kind === 'add') return make.add({ name: `${name}_skip` }).apply([y, tensor]) as X;
    const both = make.concatenate({ name: `${name}_skip` }).apply([y, tensor]) as X;
    const args = { name: `${name}_merge`, filters: y.shape[3]!, kernelSize: 1 };
    return make.conv2d({ ...args, kernelInitializer: seeded('heNormal') }).apply(both) as X;
  }

  #sum(parts: X[], name: string): X {
    return parts.length === 1 ? parts[0]! : (make.add({ name }).apply(parts) as X);
  }
}
