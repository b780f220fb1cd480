import { serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import { linear } from './linear.js';
import { type ShuffleArgs, ShuffleLayer } from './ShuffleLayer.js';
import { shuffle, unshuffle } from './shuffle.js';
import { toFloat } from './toFloat.js';

const OWNER = 'PixelShuffle2D';
const RANKS = [4];

/**
 * Depth to space: `[b, h, w, c·r·s] → [b, h·r, w·s, c]`, every pixel's channels become a block of
 * r×s pixels. Only moves values; the gradient moves them back. Any type becomes float32.
 *
 * After a convolution to c·r·s filters this is a learned upsampling without overlaps.
 *
 * @throws {@link OptionError} for an option out of its range, channels that don't make whole blocks,
 * and an input of another rank.
 *
 * @example
 * ```ts
 * tfl.sequential({ layers: [
 *   tfl.layers.conv2d({ inputShape: [14, 14, 8], filters: 4, kernelSize: 3, padding: 'same' }),
 *   new PixelShuffle2D({ size: 2 }), // [b, 28, 28, 1]
 * ] });
 * ```
 *
 * Source: Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient
 * Sub-Pixel Convolutional Neural Network".
 */
export class PixelShuffle2D extends ShuffleLayer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.PixelShuffle2D';

  constructor(args: ShuffleArgs = {}) {
    super(OWNER, { ...args, name: args.name ?? uniqueName('pixel_shuffle2d') });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, depth] = oneShape(this.who, inputShape, RANKS);
    const [r, s] = this.options.size;
    const channels = this.quotient('channels', depth, r * s);
    return [batch, height && height * r, width && width * s, channels];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(this.who, inputs, RANKS) as Tensor4D;
      const shape = this.computeOutputShape(x.shape) as Tensor4D['shape'];
      const { size, order } = this.options;
      return linear(
        toFloat(x),
        shape,
        (v) => shuffle(v, size, order),
        (dy) => unshuffle(dy, size, order),
      );
    });
  }
}

serialization.registerClass(PixelShuffle2D);
