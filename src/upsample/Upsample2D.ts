import { serialization, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { boolean, oneOf, pair, positivePair, refuse } from '../core/args.js';
import { checkInput, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';
import { possibleLengths } from '../core/shape.js';
import { resizeNearest, resizeSmooth, type Size, spread } from './resize.js';
import { shapesOf } from './shapesOf.js';
import { toFloat } from './toFloat.js';

const OWNER = 'Upsample2D';
const RANKS = [4];
const SIDES = ['height', 'width'] as const;
const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'transpose'] as const;
const CUBICS = ['keras', 'torch'] as const;

/** How {@link Upsample2D} fills the larger image. */
export type Interpolation = (typeof INTERPOLATIONS)[number];
/** Whose bicubic weights and borders {@link Upsample2D} has. */
export type Cubic = (typeof CUBICS)[number];

/** Options of {@link Upsample2D}. */
export interface Upsample2DArgs extends LayerArgs {
  /**
   * The factor of height and width, or a pair of them; need not be whole: n pixels become
   * `floor(n · size)`. With `'transpose'` the strides, which are whole. Counts for nothing else when
   * there is a reference. Default 2, or with `'transpose'` and an `outputSize` the least strides that
   * lead there.
   */
  size?: number | [number, number] | null;
  /**
   * Height and width of the output, or one number for both. Default: those of the reference, if the
   * layer is called with one; else what `size` gives.
   */
  outputSize?: number | [number, number] | null;
  /** `'nearest'`, `'bilinear'`, `'bicubic'` or `'transpose'`. Default `'nearest'`. */
  interpolation?: Interpolation;
  /**
   * Whether the centres of the corner pixels stay where they are, instead of the image's edges
   * (half-pixel centres). Not with `'transpose'`. Default false.
   */
  alignCorners?: boolean;
  /**
   * For `'bicubic'`. `'keras'`: coefficient −0.5, and at a border the weights of the pixels inside
   * are scaled up. `'torch'`: coefficient −0.75, and the border's pixels are repeated outwards.
   * Default `'keras'`.
   */
  cubic?: Cubic | null;
}

/** The options of {@link Upsample2D} in canonical form. */
export interface Upsample2DOptions {
  readonly size: [number, number] | null;
  readonly outputSize: [number, number] | null;
  readonly interpolation: Interpolation;
  readonly alignCorners: boolean;
  readonly cubic: Cubic | null;
}

/**
 * Upsamples images: `[b, h, w, c] → [b, floor(h·size), floor(w·size), c]`, or to `outputSize`, or
 * to the size of a second input, the reference (`[x, reference]`, of which only height and width
 * count, and these may be unknown when a model is built).
 *
 * * `'nearest'` copies the nearest pixel (halfway, the later one), as Keras does and torch's
 *   `nearest-exact`; for whole factors torch's `nearest` is the same. Keeps the input's type.
 * * `'bilinear'` and `'bicubic'` interpolate, as Keras and torch do. A smaller output is not
 *   antialiased. Any input becomes float32. Every weight multiplies its whole line, zeros too, so
 *   a NaN or infinity in a channel of an image spreads over that channel.
 * * `'transpose'` is the transposed convolution with a kernel of ones as large as the stride: the
 *   adjoint of sum pooling with SAME padding, also to odd sizes (5 → 9), where it is cropped as
 *   that pooling pads. Keeps the input's type.
 *
 * The result depends on the two sizes alone, as in Keras: `size: 1.5` and `outputSize: 7` make the
 * same of 5 pixels. torch does the same with `size` or `recompute_scale_factor`; with its default
 * it takes the step from the factor, which differs where `n · size` is not whole.
 *
 * The gradient is the exact adjoint in every mode, on every backend.
 *
 * @throws {@link OptionError} for an option out of its range, an output without pixels, an
 * `outputSize` that `'transpose'` can't reach, and an input of another rank.
 *
 * @example
 * ```ts
 * new Upsample2D({ size: 2, interpolation: 'bilinear' });              // [b, 7, 7, c] → [b, 14, 14, c]
 * new Upsample2D({ outputSize: [9, 9], interpolation: 'transpose' });  // [b, 5, 5, c] → [b, 9, 9, c]
 * ```
 *
 * Source: Keys 1981, "Cubic convolution interpolation for digital image processing".
 */
export class Upsample2D extends layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'Blocks.Upsample2D';

  /** The options, with defaults filled in. */
  readonly options: Upsample2DOptions;

  constructor(args: Upsample2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('upsample2d') });
    this.options = canonical(args);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [shape, reference] = shapesOf(this.#who, inputShape, this.options.outputSize);
    const [batch, height, width, channels] = shape as [number, number, number, number];
    const given = reference?.slice(1, 3) ?? this.options.outputSize ?? undefined;
    return [batch, this.#length(height, 0, given), this.#length(width, 1, given), channels];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const all = [inputs].flat();
      const shape = this.computeOutputShape(all.map((input) => input.shape)) as Tensor4D['shape'];
      const x = checkInput(this.#who, all[0]!, RANKS) as Tensor4D;
      return this.#resize(x, [shape[1], shape[2]]);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  #resize(x: Tensor4D, to: Size): Tensor4D {
    const { interpolation, alignCorners, cubic } = this.options;
    switch (interpolation) {
      case 'nearest':
        return resizeNearest(x, to, alignCorners);
      case 'transpose':
        return spread(x, to, [
          this.#stride(x.shape[1], to[0], 0),
          this.#stride(x.shape[2], to[1], 1),
        ]);
      case 'bilinear':
      case 'bicubic':
        return resizeSmooth(toFloat(x), to, cubic ?? 'linear', alignCorners);
    }
  }

  /**
   * The output's height or width for an input of n, of which `given` are the asked-for ones; null
   * where it can't be known yet.
   */
  #length(n: number | null, axis: 0 | 1, given?: readonly (number | null)[]): number | null {
    const { size, interpolation } = this.options;
    if (n === 0) refuse(this.#who, `the input's ${SIDES[axis]}`, 'at least 1', n);
    if (n === null || given?.[axis] === null) return given?.[axis] ?? null;
    const m = given?.[axis] ?? Math.floor(n * size![axis]);
    if (m === 0) {
      refuse(this.#who, 'size', `at least 1/${n} for an input of ${SIDES[axis]} ${n}`, size);
    }
    if (interpolation === 'transpose') this.#checkReachable(n, m, axis);
    return m;
  }

  #stride(n: number, m: number, axis: 0 | 1): number {
    return this.options.size?.[axis] ?? Math.ceil(m / n);
  }

  #checkReachable(n: number, m: number, axis: 0 | 1): void {
    const stride = this.#stride(n, m, axis);
    const [least, most] = possibleLengths(n, { kernel: stride, stride, padding: 'same' });
    if (m >= least && m <= most) return;
    const rule = this.options.size
      ? `in [${least}, ${most}] for an input of ${SIDES[axis]} ${n}`
      : `what sum pooling with a whole stride takes to a ${SIDES[axis]} of ${n}`;
    refuse(this.#who, `the ${SIDES[axis]} of outputSize`, rule, m);
  }

  get #who(): string {
    return `${OWNER} '${this.name}'`;
  }
}

/** Checks the options and fills in the defaults. */
function canonical(args: Upsample2DArgs): Upsample2DOptions {
  const { interpolation = 'nearest', alignCorners = false, outputSize, cubic } = args;
  const size = args.size ?? (outputSize == null ? 2 : null);
  const options = {
    size: size === null ? null : factors(size, interpolation),
    outputSize: outputSize == null ? null : positivePair(OWNER, 'outputSize', outputSize),
    interpolation: oneOf(OWNER, 'interpolation', interpolation, INTERPOLATIONS),
    alignCorners: boolean(OWNER, 'alignCorners', alignCorners),
    cubic: interpolation === 'bicubic' ? oneOf(OWNER, 'cubic', cubic ?? 'keras', CUBICS) : null,
  };
  if (cubic != null && interpolation !== 'bicubic') {
    refuse(OWNER, 'cubic', "left out unless interpolation is 'bicubic'", cubic);
  }
  if (alignCorners && interpolation === 'transpose') {
    refuse(OWNER, 'alignCorners', "false when interpolation is 'transpose'", alignCorners);
  }
  if (options.size && options.outputSize && interpolation !== 'transpose') {
    refuse(OWNER, 'size', 'left out when outputSize is given', size);
  }
  return options;
}

function factors(size: number | [number, number], interpolation: Interpolation): [number, number] {
  return interpolation === 'transpose'
    ? positivePair(OWNER, 'size', size)
    : pair(OWNER, 'size', size, 'a positive number or a pair of them', (v) => v > 0);
}

serialization.registerClass(Upsample2D);
