import {
  conv2dTranspose,
  serialization,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { OptionError, oneOf, pair, positivePair, refuse } from '../core/args.js';
import { dilateKernel } from '../core/dilateKernel.js';
import { checkInput, oneShape, type Shape } from '../core/inputs.js';
import { uniqueName } from '../core/names.js';
import {
  type Axis,
  defaultLength,
  effectiveKernel,
  explicitPadding,
  type ImagePadding,
  type Padding,
  possibleLengths,
} from '../core/shape.js';
import { ConvLayer } from './ConvLayer.js';
import { type ConvArgs, type ConvOptions, convOptions } from './convOptions.js';
import {
  CROPS,
  type Crop,
  leastOutputPadding,
  paddedLength,
  transposedPadding,
} from './transposedSize.js';

const OWNER = 'CroppedConv2DTranspose';
const SIDES = ['height', 'width'] as const;

/** Options of {@link CroppedConv2DTranspose}. */
export interface CroppedConv2DTransposeArgs extends ConvArgs {
  /** The padding of the convolution that is transposed. Default `'valid'`. */
  padding?: Padding;
  /**
   * Height and width of the output, or one number for both. Default: those of the reference, if the
   * layer is called with one; else what `outputPadding` gives.
   */
  outputSize?: number | [number, number] | null;
  /**
   * How much the output is larger than `(m − 1)·s + k mod 2` (`'same'`) or `(m − 1)·s + k`
   * (`'valid'`), as in Keras; less than the stride. Default: `m·s` (`'same'`) or
   * `m·s + max(k − s, 0)` (`'valid'`).
   */
  outputPadding?: number | [number, number] | null;
  /**
   * Which part of the full output is kept. `'adjoint'`: what the convolution from that size to this
   * input reads, so that the layer is its adjoint. `'begin'`, `'end'`, `'center'`: the output of the
   * default size, with the surplus cut off there. Default `'adjoint'`.
   */
  crop?: Crop;
}

/** The options of a `CroppedConv2DTranspose` in canonical form. */
export interface CroppedConv2DTransposeOptions extends ConvOptions {
  readonly padding: Padding;
  readonly outputSize: [number, number] | null;
  readonly outputPadding: [number, number] | null;
  readonly crop: Crop;
}

/**
 * Transposed convolution to an exact size: `[b, m, m', c] → [b, n, n', filters]` for every n from
 * which the convolution of the same kernel size, stride and padding makes m.
 *
 * The size n is `outputSize`, or that of a second input, the reference (`[x, reference]`, of which
 * only height and width count, and these may be unknown when a model is built), or follows from
 * `outputPadding`. With `'same'` padding n is in `(m − 1)·s + 1 … m·s`, with `'valid'` in
 * `(m − 1)·s + k … (m − 1)·s + k + s − 1`, where k is the dilated kernel's extent.
 *
 * Weights: `kernel` `[kh, kw, filters, c]`, `bias`, as in tf.layers and Keras.
 *
 * @throws {@link OptionError} for an option out of its range, a size that no convolution of this
 * kind takes to the input's, and an input of another rank or type.
 *
 * @example
 * ```ts
 * const x = tfl.input({ shape: [null, null, 1] });
 * const conv = tfl.layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' });
 * const back = new CroppedConv2DTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: 'same' });
 * const y = back.apply([conv.apply(x) as tfl.SymbolicTensor, x]); // as large as x, even or odd
 * ```
 *
 * Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic", relationship 14.
 */
export class CroppedConv2DTranspose extends ConvLayer<CroppedConv2DTransposeOptions> {
  /** Its name in saved models. */
  static readonly className: string = 'Blocks.CroppedConv2DTranspose';

  constructor(args: CroppedConv2DTransposeArgs) {
    const name = args.name ?? uniqueName('cropped_conv2d_transpose');
    super(OWNER, { ...args, name }, canonical(args));
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = this.channels(this.#shapes(inputShape)[0]);
    this.addWeights([...this.options.kernelSize, this.options.filters, channels]);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [shape, reference] = this.#shapes(inputShape);
    const [height, width] = axesOf(this.options).map((axis, i) => {
      const m = shape[i + 1] ?? null;
      const n = reference ? reference[i + 1]! : this.#ownLength(m, axis, i);
      if (m !== null && n !== null) this.#checkLength(m, n, axis, i, reference && 'the reference');
      return n;
    });
    return [shape[0]!, height!, width!, this.options.filters];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const { strides, dilationRate, crop } = this.options;
      const [x, reference] = [inputs].flat() as [Tensor, Tensor?];
      const kernel = dilateKernel(this.kernel, dilationRate);
      const image = this.ofChannels(checkFloat(this.who, x), kernel.shape[3]);
      const shape = this.computeOutputShape(reference ? [x.shape, reference.shape] : x.shape);
      const padding = axesOf(this.options).map((axis, i) =>
        transposedPadding(x.shape[i + 1]!, shape[i + 1]!, axis, crop),
      ) as ImagePadding;
      const outputShape = shape as Tensor4D['shape'];
      return this.finish(
        conv2dTranspose(image, kernel, outputShape, strides, explicitPadding(padding)),
      );
    });
  }

  /** The shapes of the input and of the reference. */
  #shapes(inputShape: Shape | Shape[]): [Shape, Shape?] {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    if (shapes.length > 2) {
      throw new OptionError(`${this.who}: takes [x, reference], got ${shapes.length} inputs`);
    }
    const option = this.options.outputSize ? 'outputSize' : 'outputPadding';
    if (shapes.length === 2 && this.options[option]) {
      refuse(this.who, option, 'left out when there is a reference', this.options[option]);
    }
    return shapes.map((shape) => oneShape(this.who, shape, [4])) as [Shape, Shape?];
  }

  /** The length that the options give, null while the input's is unknown. */
  #ownLength(m: number | null, axis: Axis, i: number): number | null {
    const { outputSize, outputPadding } = this.options;
    if (outputSize) return outputSize[i]!;
    if (m === null) return null;
    return outputPadding ? paddedLength(m, axis, outputPadding[i]!) : defaultLength(m, axis);
  }

  #checkLength(m: number, n: number, axis: Axis, i: number, source = 'outputSize'): void {
    const [least, most] = possibleLengths(m, axis);
    if (n >= least && n <= most) return;
    const rule = `in [${least}, ${most}] for an input of ${SIDES[i]} ${m}`;
    refuse(this.who, `the ${SIDES[i]} of ${source}`, rule, n);
  }
}

function checkFloat(who: string, x: Tensor): Tensor {
  checkInput(who, x, [4]);
  if (x.dtype === 'float32') return x;
  // On WASM a transposed convolution of int32 is garbage, without an error.
  throw new OptionError(`${who}: the input must be float32, got ${x.dtype}`);
}

function axesOf(options: ConvOptions & { padding: Padding }): Axis[] {
  const { kernelSize, dilationRate, strides, padding } = options;
  return kernelSize.map((size, i) => ({
    kernel: effectiveKernel(size, dilationRate[i]!),
    stride: strides[i]!,
    padding,
  }));
}

/** Checks the options and fills in the defaults. */
function canonical(args: CroppedConv2DTransposeArgs): CroppedConv2DTransposeOptions {
  const { padding = 'valid', crop = 'adjoint', outputSize, outputPadding } = args;
  if (outputSize != null && outputPadding != null) {
    refuse(OWNER, 'outputPadding', 'left out when outputSize is given', outputPadding);
  }
  const geometry = {
    ...convOptions(OWNER, args),
    padding: oneOf(OWNER, 'padding', padding, ['same', 'valid']),
  };
  const axes = axesOf(geometry);
  return {
    ...geometry,
    outputSize: outputSize == null ? null : checkSize(outputSize, axes),
    outputPadding: outputPadding == null ? null : checkPadding(outputPadding, axes),
    crop: oneOf(OWNER, 'crop', crop, CROPS),
  };
}

/** An output size that some input leads to, as a pair. */
function checkSize(value: number | [number, number], axes: Axis[]): [number, number] {
  const both = positivePair(OWNER, 'outputSize', value);
  axes.forEach((axis, i) => {
    const [least] = possibleLengths(1, axis);
    if (both[i]! >= least) return;
    const of = `for a ${SIDES[i]} with kernel ${axis.kernel}, '${axis.padding}'`;
    refuse(OWNER, 'outputSize', `at least ${least} ${of}`, value);
  });
  return both;
}

/** An output padding that leads to a possible length in every axis, as a pair. */
function checkPadding(value: number | [number, number], axes: Axis[]): [number, number] {
  const rule = 'a non-negative integer or a pair of them';
  const both = pair(OWNER, 'outputPadding', value, rule, (v) => Number.isInteger(v) && v >= 0);
  axes.forEach((axis, i) => {
    const { kernel, stride, padding } = axis;
    const least = leastOutputPadding(axis);
    if (least <= both[i]! && both[i]! < stride) return;
    const range = least < stride ? `in [${least}, ${stride - 1}]` : 'left out';
    const of = `for a ${SIDES[i]} with kernel ${kernel}, stride ${stride}, '${padding}'`;
    refuse(OWNER, 'outputPadding', `${range} ${of}`, value);
  });
  return both;
}

serialization.registerClass(CroppedConv2DTranspose);
