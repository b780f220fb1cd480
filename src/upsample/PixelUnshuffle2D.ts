import { serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import { linear } from './linear.js';
import { type ShuffleArgs, ShuffleLayer } from './ShuffleLayer.js';
import { shuffle, unshuffle } from './shuffle.js';
import { toFloat } from './toFloat.js';

const OWNER = 'PixelUnshuffle2D';
const RANKS = [4];

/**
 * Space to depth: `[b, h·r, w·s, c] → [b, h, w, c·r·s]`, every block of r×s pixels becomes the
 * channels of one; the inverse of {@link PixelShuffle2D}. Only moves values; the gradient moves them
 * back. Any type becomes float32.
 *
 * @throws {@link OptionError} for an option out of its range, an image that isn't whole blocks, and
 * an input of another rank.
 *
 * @example
 * ```ts
 * new PixelUnshuffle2D({ size: 2 }); // [b, 28, 28, 1] → [b, 14, 14, 4]
 * ```
 *
 * Source: Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient
 * Sub-Pixel Convolutional Neural Network".
 */
export class PixelUnshuffle2D extends ShuffleLayer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.PixelUnshuffle2D';

  constructor(args: ShuffleArgs = {}) {
    super(OWNER, { ...args, name: args.name ?? uniqueName('pixel_unshuffle2d') });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = oneShape(this.who, inputShape, RANKS);
    const [r, s] = this.options.size;
    const [h, w] = [this.quotient('height', height, r), this.quotient('width', width, s)];
    return [batch, h, w, channels && channels * r * s];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(this.who, inputs, RANKS) as Tensor4D;
      const shape = this.computeOutputShape(x.shape) as Tensor4D['shape'];
      const { size, order } = this.options;
      return linear(
        toFloat(x),
        shape,
        (v) => unshuffle(v, size, order),
        (dy) => shuffle(dy, size, order),
      );
    });
  }
}

serialization.registerClass(PixelUnshuffle2D);
