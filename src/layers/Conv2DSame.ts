import { cast, serialization, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import { convLength, effectiveKernel, type ImagePadding } from '../core/shape.js';
import { ConvLayer } from './ConvLayer.js';
import { type ConvArgs, type ConvOptions, convOptions } from './convOptions.js';
import { paddedConv2d } from './paddedConv2d.js';

const OWNER = 'Conv2DSame';

/** Options of {@link Conv2DSame}. */
export type Conv2DSameArgs = ConvArgs;

/** The options of a `Conv2DSame` in canonical form. */
export type Conv2DSameOptions = ConvOptions;

/**
 * Convolution whose padding depends on the kernel alone: `[b, n, n', c] → [b, ⌈n/s⌉, ⌈n'/s⌉, filters]`.
 *
 * It pads `⌊(k − 1)/2⌋` zeros before and the rest of `k − 1` after, where k is the dilated kernel's
 * extent, then convolves without padding. With stride 1 that is `padding: 'same'`. With a larger one
 * `'same'` pads by the size of the image, so that a network sees even and odd images shifted against
 * each other; here output i is always centred on input i·s.
 *
 * Dilated kernels train too, with any stride, on every backend.
 *
 * Weights: `kernel` `[kh, kw, c, filters]`, `bias`, as in tf.layers and Keras.
 *
 * @throws {@link OptionError} for an option out of its range, an input of another rank, and a
 * channel axis of unknown size.
 *
 * @example
 * ```ts
 * const root = new Conv2DSame({ filters: 64, kernelSize: 7, strides: 2, useBias: false });
 * const atrous = new Conv2DSame({ filters: 64, kernelSize: 3, dilationRate: 2, activation: 'relu' });
 * ```
 *
 * Source: tf-slim, `conv2d_same` of resnet_utils.py.
 */
export class Conv2DSame extends ConvLayer<Conv2DSameOptions> {
  /** Its name in saved models. */
  static readonly className = 'Blocks.Conv2DSame';

  constructor(args: Conv2DSameArgs) {
    super(
      OWNER,
      { ...args, name: args.name ?? uniqueName('conv2d_same') },
      convOptions(OWNER, args),
    );
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = this.channels(oneShape(this.who, inputShape, [4]));
    this.addWeights([...this.options.kernelSize, channels, this.options.filters]);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, ...image] = oneShape(this.who, inputShape, [4]);
    const size = this.options.strides.map((stride, i) => {
      const n = image[i] ?? null;
      return n === null ? null : convLength(n, 1, stride, 'same');
    });
    return [batch!, ...size, this.options.filters] as Shape;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const { kernelSize, strides, dilationRate } = this.options;
      const { kernel } = this;
      const image = this.ofChannels(oneInput(this.who, inputs, [4]), kernel.shape[2]);
      const padding = kernelSize.map((size, i) => {
        const total = effectiveKernel(size, dilationRate[i]!) - 1;
        const before = Math.floor(total / 2);
        return [before, total - before];
      }) as ImagePadding;
      return this.finish(
        paddedConv2d(cast(image, 'float32'), kernel, strides, dilationRate, padding),
      );
    });
  }
}

serialization.registerClass(Conv2DSame);
