import {
  input,
  type LayersModel,
  layers as make,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { type ActivationName, activationName } from '../core/activation.js';
import { OptionError, oneOf } from '../core/args.js';
import { type Step, stepsOf } from '../core/steps.js';
import { modelInside } from '../core/walk.js';
import { HANDLERS, type MirrorHandler } from './mirrorHandlers.js';

type X = SymbolicTensor;

/** Options of {@link mirror} and {@link autoencoder}. */
export interface MirrorOptions {
  /** Applied to the reconstruction. Default `'linear'`. */
  activation?: ActivationName;
  /** How layers of further classes are mirrored, by class name; these come before the library's. */
  handlers?: Record<string, MirrorHandler>;
  /** The decoder's name. Default the encoder's, and `_mirror`. */
  name?: string;
}

/** Further options of {@link autoencoder}, whose decoder sees what is inside the encoder. */
export interface AutoencoderOptions extends MirrorOptions {
  /**
   * How max pooling is reversed: `'argmax'`, values go back to where they were found; `'nearest'`,
   * they are repeated. Default `'argmax'`.
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
 * Convolutions become cropped transposed ones of the same kernel, strides and padding, pooling
 * becomes upsampling, dense becomes dense, flatten becomes reshape; normalisation, activation and
 * dropout stay what they are. Branches that meet in a sum are mirrored as branches, so blocks and
 * whole residual networks can be. Where the encoder branches, the decoder adds.
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
  return model({ inputs: code, outputs: image, name: options.name ?? `${encoder.name}_mirror` });
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
  { activation, handlers }: MirrorOptions,
  taps?: Taps,
): Mirror {
  if (encoder.inputs.length !== 1 || encoder.outputs.length !== 1) {
    throw new OptionError(`${owner}: '${encoder.name}' must have one input and one output`);
  }
  const last = activationName(owner, 'activation', activation);
  return new Mirror(owner, { ...HANDLERS, ...handlers }, last, taps);
}

/** How a decoder uses what is inside its encoder. */
type Taps = Required<Pick<AutoencoderOptions, 'unpool' | 'skips'>>;

/** Goes through an encoder as a gradient does, backwards, and sums where it branches. */
class Mirror {
  readonly #owner: string;
  readonly #handlers: Record<string, MirrorHandler>;
  readonly #activation: ActivationName;
  readonly #taps?: Taps;
  #image?: X;
  /** The tensor of the encoder that is like the code: elementwise layers are between them. */
  #code?: X;

  constructor(
    owner: string,
    handlers: Record<string, MirrorHandler>,
    activation: ActivationName,
    taps?: Taps,
  ) {
    this.#owner = owner;
    this.#handlers = handlers;
    this.#activation = activation;
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
  run(encoder: LayersModel, code: X, path = '', outer = true): X {
    const arrived = new Map<X, X[]>([[encoder.outputs[0]!, [code]]]);
    const steps = stepsOf(encoder);
    for (const step of [...steps].reverse()) {
      const parts = arrived.get(step.outputs[0]!);
      // A gate, such as squeeze-and-excitation's, leads nowhere back.
      if (!parts) continue;
      const y = this.#sum(parts, `${path}${step.layer.name}_sum`);
      const results = this.#step(step, y, { path, outer, steps });
      for (const [i, result] of results.entries()) {
        const tensor = step.inputs[i]!;
        arrived.set(tensor, [...(arrived.get(tensor) ?? []), result]);
      }
    }
    return this.#sum(arrived.get(encoder.inputs[0]!) ?? [code], `${path}image_sum`);
  }

  #step(step: Step, y: X, at: { path: string; outer: boolean; steps: Step[] }): X[] {
    const { layer } = step;
    const type = layer.getClassName();
    const atCode = step.outputs[0] === this.#code;
    const name = `${at.path}${layer.name}_mirror`;
    const handler = this.#handlers[type];
    const inside = modelInside(layer);
    if (!handler && inside) {
      if (atCode) this.#code = inside.outputs[0];
      return [
        this.#skip(step, this.run(inside, y, `${at.path}${layer.name}_`, false), name, at.outer),
      ];
    }
    if (type === 'Add') return step.inputs.map(() => y);
    if (type === 'Multiply') return [y];
    if (!handler || step.inputs.length !== 1) {
      throw new OptionError(
        `${this.#owner}: layer '${at.path}${layer.name}' (${type}) can't be mirrored; teach it with handlers`,
      );
    }
    const tensor = step.inputs[0]!;
    const before = at.steps.find(({ outputs }) => outputs.includes(tensor))?.layer.getClassName();
    const result = handler(layer, y, {
      name,
      input: tensor,
      reference: this.#taps && at.outer ? tensor : undefined,
      unpool: this.#taps?.unpool ?? 'nearest',
      normalized: /BatchNorm/.test(before ?? ''),
      atCode,
    });
    if (atCode && `${tensor.shape}` === `${step.outputs[0]!.shape}`) this.#code = tensor;
    return [this.#skip(step, result, name, at.outer)];
  }

  /** Takes in the encoder's own tensor where the image has become larger. */
  #skip(step: Step, y: X, name: string, outer: boolean): X {
    const [tensor] = step.inputs as [X];
    const [from, to] = [step.outputs[0]!.shape, tensor.shape];
    const kind = this.#taps?.skips ?? 'none';
    const larger =
      from.length === 4 && to.length === 4 && `${from.slice(1, 3)}` !== `${to.slice(1, 3)}`;
    const strided = larger || Number(step.layer.getConfig().strides ?? 1) > 1;
    if (kind === 'none' || !outer || !strided || tensor === this.#image) return y;
    if (kind === 'add') return make.add({ name: `${name}_skip` }).apply([y, tensor]) as X;
    const both = make.concatenate({ name: `${name}_skip` }).apply([y, tensor]) as X;
    const args = { name: `${name}_merge`, filters: y.shape[3]!, kernelSize: 1 };
    return make.conv2d({ ...args, kernelInitializer: 'heNormal' }).apply(both) as X;
  }

  #sum(parts: X[], name: string): X {
    return parts.length === 1 ? parts[0]! : (make.add({ name }).apply(parts) as X);
  }
}
