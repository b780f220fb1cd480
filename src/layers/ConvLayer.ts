import { add, type serialization, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { activate } from '../core/activation.js';
import { OptionError, show } from '../core/args.js';
import type { Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { type ConvOptions, savedConvOptions } from './convOptions.js';

/** What all convolutions share: the kernel, the bias and the activation. */
export abstract class ConvLayer<Options extends ConvOptions> extends layers.Layer {
  /** The options, with defaults filled in. */
  readonly options: Options;

  readonly #owner: string;
  #kernel!: LayerVariable;
  #bias?: LayerVariable;

  /** @param owner what error messages call the layer */
  constructor(owner: string, args: LayerArgs, options: Options) {
    super(args);
    this.#owner = owner;
    this.options = options;
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...savedConvOptions(this.options) };
  }

  /** What messages about a call begin with. */
  protected get who(): string {
    return `${this.#owner} '${this.name}'`;
  }

  /** The kernel as it is now. */
  protected get kernel(): Tensor4D {
    return this.#kernel.read() as Tensor4D;
  }

  /** Adds the weights `kernel`, unless it is another layer's, and, if wanted, `bias`. */
  protected addWeights(kernelShape: number[] | null): void {
    const { options } = this;
    const parameter = (name: 'kernel' | 'bias', shape: number[]) =>
      this.addWeight(
        name,
        shape,
        'float32',
        options[`${name}Initializer`],
        options[`${name}Regularizer`] ?? undefined,
        true,
        options[`${name}Constraint`] ?? undefined,
      );
    if (kernelShape) this.#kernel = parameter('kernel', kernelShape);
    if (options.useBias) this.#bias = parameter('bias', [options.filters]);
    this.built = true;
  }

  /** Bias and activation. */
  protected finish(y: Tensor): Tensor {
    return activate(this.options.activation, this.#bias ? add(y, this.#bias.read()) : y);
  }

  /** The number of channels of an input of rank 4. */
  protected channels(shape: Shape): number {
    const channels = shape[3];
    if (channels == null) {
      throw new OptionError(`${this.who}: axis 3 must have a known size, got ${show(shape)}`);
    }
    return channels;
  }

  /** The image, once it has the channels that the kernel takes. */
  protected ofChannels(image: Tensor, channels: number): Tensor4D {
    if (image.shape[3] !== channels) {
      throw new OptionError(
        `${this.who}: the input must have ${channels} channels, got shape ${show(image.shape)}`,
      );
    }
    return image as Tensor4D;
  }
}
