import { serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { oneOf, positivePair, refuse } from '../core/args.js';
import { checkInput, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';
import { spreadMeans } from './resize.js';
import { shapesOf } from './shapesOf.js';
import { toFloat } from './toFloat.js';
import { unpooledLength } from './unpooledLength.js';
import { lengthPadding, type PoolPadding, windowsOf } from './windows.js';

const OWNER = 'AverageUnpool2D';
const RANKS = [4];

/** Options of {@link AverageUnpool2D}: those of the pooling whose adjoint it is, and the size. */
export interface AverageUnpool2DArgs extends LayerArgs {
  /** Height and width of a window, or one number for both; null for the whole image. Default 2. */
  poolSize?: number | [number, number] | null;
  /** The steps in height and width, or one number for both. Default `poolSize`. */
  strides?: number | [number, number] | null;
  /**
   * `'valid'`: windows inside the image only; `'same'`: also across its borders, as TensorFlow puts
   * them; `'end'`: across its ends alone, as torch's `ceil_mode`. Default `'valid'`.
   */
  padding?: Exclude<PoolPadding, 'explicit'>;
  /**
   * Height and width of the output, or one number for both. Default: those of the reference, if the
   * layer is called with one; else `o·stride`, or with `'valid'` padding what the windows cover if
   * that is more.
   */
  outputSize?: number | [number, number] | null;
}

/** The options of {@link AverageUnpool2D} in canonical form. */
export interface AverageUnpool2DOptions {
  readonly poolSize: [number, number] | null;
  readonly strides: [number, number] | null;
  readonly padding: Exclude<PoolPadding, 'explicit'>;
  readonly outputSize: [number, number] | null;
}

/**
 * The adjoint of average pooling: each value, divided by the number of pixels of its window, is added
 * to all of them: `[b, o, o', c] → [b, h, w, c]`, ⟨pool(x), y⟩ = ⟨x, unpool(y)⟩.
 *
 * `poolSize`, `strides` and `padding` are those of the pooling, whose input was as large as the
 * output: `outputSize`, or that of a second input, the reference (`[x, reference]`, of which only
 * height and width count, and these may be unknown when a model is built). Windows may overlap, and
 * those across a border count the pixels inside alone. Pixels in no window become 0. Any type becomes
 * float32; a NaN or infinity in a channel of an image spreads over that channel.
 *
 * @throws {@link OptionError} for an option out of its range, a size that the pooling doesn't take to
 * the input's, and an input of another rank.
 *
 * @example
 * ```ts
 * new AverageUnpool2D({ poolSize: 3, strides: 2, padding: 'same', outputSize: 9 }); // [b, 5, 5, c] → [b, 9, 9, c]
 * ```
 */
export class AverageUnpool2D extends layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.AverageUnpool2D';

  /** The options, with defaults filled in. */
  readonly options: AverageUnpool2DOptions;

  constructor(args: AverageUnpool2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('average_unpool2d') });
    const { poolSize = 2, padding = 'valid', outputSize } = args;
    const strides = args.strides ?? poolSize;
    if (poolSize === null && args.strides != null) {
      refuse(OWNER, 'strides', 'left out when the whole image is pooled', strides);
    }
    this.options = {
      poolSize: poolSize === null ? null : positivePair(OWNER, 'poolSize', poolSize),
      strides: strides === null ? null : positivePair(OWNER, 'strides', strides),
      padding: oneOf(OWNER, 'padding', padding, ['same', 'valid', 'end']),
      outputSize: outputSize == null ? null : positivePair(OWNER, 'outputSize', outputSize),
    };
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [shape, reference] = shapesOf(this.#who, inputShape, this.options.outputSize);
    const [height, width] = ([0, 1] as const).map((i) => this.#length(shape, reference, i));
    return [shape[0]!, height!, width!, shape[3]!];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const all = [inputs].flat();
      const [, ...size] = this.computeOutputShape(all.map((input) => input.shape));
      const image = size.slice(0, 2) as [number, number];
      const x = checkInput(this.#who, all[0]!, RANKS) as Tensor4D;
      const { poolSize, strides, padding } = this.options;
      return spreadMeans(
        toFloat(x),
        windowsOf(image, poolSize ?? image, strides ?? image, padding),
      );
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  /** The output's height or width; null where it can't be known yet. */
  #length(shape: Shape, reference: Shape | undefined, i: 0 | 1): number | null {
    const { poolSize, strides, padding, outputSize } = this.options;
    const given = reference ? reference[i + 1]! : (outputSize?.[i] ?? null);
    // One window: the image is as large as it.
    const kernel = poolSize?.[i] ?? given ?? 1;
    const axis = { kernel, stride: strides?.[i] ?? kernel, padding: lengthPadding(padding) };
    const source = reference ? 'the reference' : 'outputSize';
    return unpooledLength(this.#who, i, shape[i + 1]!, axis, given, source);
  }

  get #who(): string {
    return `${OWNER} '${this.name}'`;
  }
}

serialization.registerClass(AverageUnpool2D);
