import { maxPool, serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { positiveInt, refuse } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';

const OWNER = 'MaxPool2DSame';
const RANKS = [4];

/** Options of {@link MaxPool2DSame}. */
export interface MaxPool2DSameArgs extends LayerArgs {
  /** The height and width of a window, odd. Default 3. */
  poolSize?: number;
  /** The step in height and width. Default 2. */
  strides?: number;
}

/**
 * Max pooling with as many pixels around the image on either side, whatever its size, that never
 * win: `[b, h, w, c] → [b, ⌈h/s⌉, ⌈w/s⌉, c]`. torch's `MaxPool2d` with `padding=poolSize // 2`, where
 * TensorFlow's SAME pads by the size of the image.
 *
 * @throws {@link OptionError} for an option out of its range, and an input of another rank.
 *
 * @example
 * ```ts
 * new MaxPool2DSame({ poolSize: 3, strides: 2 }); // [b, 112, 112, 64] → [b, 56, 56, 64]
 * ```
 */
export class MaxPool2DSame extends layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.MaxPool2DSame';

  /** The height and width of a window. */
  readonly poolSize: number;
  /** The step in height and width. */
  readonly strides: number;

  constructor(args: MaxPool2DSameArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('max_pool2d_same') });
    const { poolSize = 3, strides = 2 } = args;
    this.poolSize = positiveInt(OWNER, 'poolSize', poolSize);
    if (poolSize % 2 === 0) refuse(OWNER, 'poolSize', 'odd', poolSize);
    this.strides = positiveInt(OWNER, 'strides', strides);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = oneShape(OWNER, inputShape, RANKS) as Shape;
    const length = (n: number | null) => (n === null ? null : Math.ceil(n / this.strides));
    return [batch!, length(height!), length(width!), channels!];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(`${OWNER} '${this.name}'`, inputs, RANKS) as Tensor4D;
      return maxPool(x, this.poolSize, this.strides, (this.poolSize - 1) / 2);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), poolSize: this.poolSize, strides: this.strides };
  }
}

serialization.registerClass(MaxPool2DSame);
