import { cast, serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { OptionError, positivePair, refuse, show } from '../core/args.js';
import { checkInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import { unpool } from './argmax.js';
import { type PoolArgs, type PoolOptions, poolOptions } from './poolOptions.js';
import { toFloat } from './toFloat.js';
import { unpooledLength } from './unpooledLength.js';
import { lengthPadding, windowsOf } from './windows.js';

const OWNER = 'MaxUnpool2D';
const RANKS = [4];

/** Options of {@link MaxUnpool2D}: those of the pooling that it reverses, and the size. */
export interface MaxUnpool2DArgs extends PoolArgs {
  /**
   * Height and width of the output, or one number for both. Default: those of the reference, if the
   * layer is called with one; else `o·stride`, or with `'valid'` padding what the windows cover if
   * that is more.
   */
  outputSize?: number | [number, number] | null;
}

/** The options of {@link MaxUnpool2D} in canonical form. */
export interface MaxUnpool2DOptions extends PoolOptions {
  readonly outputSize: [number, number] | null;
}

/**
 * Puts pooled values back where {@link MaxPoolWithArgmax2D} found them, zeros elsewhere: called
 * with `[x, indices]`, both `[b, o, o', c]` → `[b, h, w, c]`.
 *
 * `poolSize`, `strides` and `padding` are those of the pooling, whose input was as large as the
 * output: `outputSize`, or that of a third input, the reference (`[x, indices, reference]`, of which
 * only height and width count, and these may be unknown when a model is built).
 *
 * Where overlapping windows found the same pixel, their values are added: that alone is linear, so
 * that its gradient is exact, and doesn't depend on an order that parallel backends don't have
 * (torch keeps any one of them). An index outside its own window puts nothing. Any type becomes
 * float32.
 *
 * @throws {@link OptionError} for an option out of its range, a size that the pooling doesn't take
 * to the input's, and inputs of different shapes.
 *
 * @example
 * ```ts
 * const x = tfl.input({ shape: [null, null, 8] });
 * const [pooled, indices] = new MaxPoolWithArgmax2D().apply(x) as tfl.SymbolicTensor[];
 * const y = new MaxUnpool2D().apply([pooled, indices, x]); // as large as x, even or odd
 * ```
 *
 * Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", 2.1.
 */
export class MaxUnpool2D extends layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.MaxUnpool2D';

  /** The options, with defaults filled in. */
  readonly options: MaxUnpool2DOptions;

  constructor(args: MaxUnpool2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('max_unpool2d') });
    const { outputSize } = args;
    this.options = {
      ...poolOptions(OWNER, args),
      outputSize: outputSize == null ? null : positivePair(OWNER, 'outputSize', outputSize),
    };
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [shape, reference] = this.#shapes(inputShape);
    return [
      shape[0],
      this.#length(shape, reference, 0),
      this.#length(shape, reference, 1),
      shape[3],
    ];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const all = [inputs].flat();
      const shape = this.computeOutputShape(all.map((input) => input.shape));
      const [x, indices] = all.map((input) => checkInput(this.#who, input, RANKS)) as Tensor4D[];
      const { poolSize, strides, padding } = this.options;
      const windows = windowsOf([shape[1]!, shape[2]!], poolSize, strides, padding);
      // Between the layers of a model tf.layers makes float32 of everything.
      return unpool(toFloat(x!), cast(indices!, 'int32'), windows);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  /** The shapes of the input and of the reference. */
  #shapes(inputShape: Shape | Shape[]): [Shape, Shape?] {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    if (shapes.length !== 2 && shapes.length !== 3) {
      const takes = 'takes [x, indices] or [x, indices, reference]';
      throw new OptionError(`${this.#who}: ${takes}, got ${shapes.length} inputs`);
    }
    const [shape, indices, reference] = shapes.map((s) => oneShape(this.#who, s, RANKS));
    if (shape!.some((n, i) => n !== null && indices![i] !== null && n !== indices![i])) {
      const both = `${show(shape)} and ${show(indices)}`;
      throw new OptionError(`${this.#who}: x and indices must have one shape, got ${both}`);
    }
    if (reference && this.options.outputSize) {
      refuse(
        this.#who,
        'outputSize',
        'left out when there is a reference',
        this.options.outputSize,
      );
    }
    return [shape!, reference];
  }

  /** The output's height or width; null where it can't be known yet. */
  #length(shape: Shape, reference: Shape | undefined, i: 0 | 1): number | null {
    const { poolSize, strides, padding, outputSize } = this.options;
    const axis = { kernel: poolSize[i], stride: strides[i], padding: lengthPadding(padding) };
    const given = reference ? reference[i + 1]! : (outputSize?.[i] ?? null);
    const source = reference ? 'the reference' : 'outputSize';
    return unpooledLength(this.#who, i, shape[i + 1]!, axis, given, source);
  }

  get #who(): string {
    return `${OWNER} '${this.name}'`;
  }
}

serialization.registerClass(MaxUnpool2D);
