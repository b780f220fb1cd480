import { serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { refuse } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import { convLength } from '../core/shape.js';
import { poolWithArgmax } from './argmax.js';
import { type PoolArgs, type PoolOptions, poolOptions } from './poolOptions.js';
import { toFloat } from './toFloat.js';
import { lengthPadding, windowsOf } from './windows.js';

const OWNER = 'MaxPoolWithArgmax2D';
const RANKS = [4];
const SIDES = ['height', 'width'] as const;

/** Options of {@link MaxPoolWithArgmax2D}. */
export interface MaxPoolWithArgmax2DArgs extends PoolArgs {}

/**
 * Max pooling that tells where each value was found: `[b, h, w, c]` → `[pooled, indices]`, both
 * `[b, o, o', c]`.
 *
 * An index is `(y·w + x)·c + channel`, the place in the flattened image, as TensorFlow has it with
 * `include_batch_in_index=False`; int32. A window gives its first NaN, else the first of its
 * largest values, row by row; padding counts for nothing. The gradient of `pooled` goes to exactly
 * the pixels that the indices name. The same on every backend. Integers become float32.
 *
 * The second output is for {@link MaxUnpool2D}. On WebGL an image must have at most 2²⁴ values.
 *
 * @throws {@link OptionError} for an option out of its range, an image smaller than a window
 * (`'valid'`), and an input of another rank.
 *
 * @example
 * ```ts
 * const x = tfl.input({ shape: [28, 28, 8] });
 * const [pooled, indices] = new MaxPoolWithArgmax2D({ poolSize: 2 }).apply(x) as tfl.SymbolicTensor[];
 * const y = new MaxUnpool2D({ poolSize: 2 }).apply([pooled, indices]); // [b, 28, 28, 8]
 * ```
 *
 * Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", 2.1.
 */
export class MaxPoolWithArgmax2D extends layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.MaxPoolWithArgmax2D';

  /** The options, with defaults filled in. */
  readonly options: PoolOptions;

  constructor(args: MaxPoolWithArgmax2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('max_pool_with_argmax2d') });
    this.options = poolOptions(OWNER, args);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const shape = oneShape(this.#who, inputShape, RANKS);
    const pooled = [shape[0], this.#length(shape, 0), this.#length(shape, 1), shape[3]];
    return [pooled, pooled];
  }

  override call(inputs: Tensor | Tensor[]): Tensor[] {
    return tidy(() => {
      const x = oneInput(this.#who, inputs, RANKS) as Tensor4D;
      this.computeOutputShape(x.shape);
      const { poolSize, strides, padding } = this.options;
      const windows = windowsOf([x.shape[1], x.shape[2]], poolSize, strides, padding);
      return poolWithArgmax(toFloat(x), windows);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  #length(shape: Shape, axis: 0 | 1): number | null {
    const { poolSize, strides, padding } = this.options;
    const n = shape[axis + 1];
    if (n === null) return null;
    const least = padding === 'valid' ? poolSize[axis] : 1;
    if (n < least) refuse(this.#who, `the input's ${SIDES[axis]}`, `at least ${least}`, n);
    return convLength(n, poolSize[axis], strides[axis], lengthPadding(padding));
  }

  get #who(): string {
    return `${OWNER} '${this.name}'`;
  }
}

serialization.registerClass(MaxPoolWithArgmax2D);
