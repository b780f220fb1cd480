/** Residual blocks in float64 loops. */
import type { ResidualOptions } from '../../src/index.js';
import { batchNormReference } from '../norm/reference.js';
import { conv64, type Shape4 } from '../support/convolution64.js';

type Values = ArrayLike<number>;

/** Pixels and their shape. */
export interface Image {
  values: Float64Array;
  shape: Shape4;
}

/** The weights of a block by their names inside it: `conv1/kernel`. */
export type Weights = Record<string, { values: Values; shape: number[] }>;

/** What a block makes of an image: in training, or with the moving averages of the weights. */
export function blockReference(
  x: Image,
  weights: Weights,
  options: ResidualOptions & { kernelSizes: readonly number[] },
  training: boolean,
): Image {
  const { strides, strideOn, dilationRate, atrous, preActivation, kernelSizes, filters } = options;
  const conv = (name: string, image: Image, stride = 1, rate = 1): Image => {
    const { values, shape } = weights[`${name}/kernel`]!;
    const [b, h, w] = image.shape;
    const size: [number, number] = [Math.ceil(h / stride), Math.ceil(w / stride)];
    const before = Math.floor(((shape[0]! - 1) * rate) / 2);
    const y = conv64(image.values, image.shape, values, shape as Shape4, size, {
      strides: [stride, stride],
      dilations: [rate, rate],
      before: [before, before],
    });
    const bias = weights[`${name}/bias`]?.values;
    const f = shape[3]!;
    return { values: y.map((v, i) => v + (bias?.[i % f] ?? 0)), shape: [b, ...size, f] };
  };
  const norm = (name: string, { values, shape }: Image, activated = true): Image => {
    const weight = (leaf: string) => weights[`${name}/${leaf}`]!.values;
    const { y } = batchNormReference(values, {
      channels: shape[3],
      gamma: weight('gamma'),
      beta: weight('beta'),
      activation: activated ? relu : undefined,
      moving: training
        ? undefined
        : { mean: weight('moving_mean'), variance: weight('moving_variance') },
    });
    return { values: y, shape };
  };

  const start = preActivation ? norm('bn1', x) : x;
  const strided = strideOn === 'first' ? 0 : 1;
  let y = start;
  for (const [i, size] of kernelSizes.entries()) {
    if (preActivation && i > 0) y = norm(`bn${i + 1}`, y);
    const after = atrous && i > strided ? strides : 1;
    const rate = size === 1 ? 1 : dilationRate * after;
    y = conv(`conv${i + 1}`, y, i === strided && !atrous ? strides : 1, rate);
    if (!preActivation) y = norm(`bn${i + 1}`, y, i < kernelSizes.length - 1);
  }
  if (options.squeezeExcitation) y = squeezed(y, weights);
  const step = atrous ? 1 : strides;
  const shortcut = () => {
    switch (options.shortcut ?? (x.shape[3] === filters ? 'identity' : 'projection')) {
      case 'identity':
      case 'pool':
        return picked(x, step, filters);
      case 'avgProjection': {
        const means = meansOf(start, strides, atrous ? dilationRate : 1, step);
        const projected = conv('shortcut_conv', means);
        return preActivation ? projected : norm('shortcut_bn', projected, false);
      }
      case 'projection': {
        const projected = conv('shortcut_conv', start, step);
        return preActivation ? projected : norm('shortcut_bn', projected, false);
      }
      case 'none':
        return { values: new Float64Array(y.values.length), shape: y.shape };
    }
  };
  const beside = shortcut().values;
  const sum = y.values.map((v, i) => v + beside[i]!);
  return { values: preActivation ? sum : sum.map(relu), shape: y.shape };
}

function relu(v: number): number {
  return Math.max(v, 0);
}

/** Visits every pixel of an image of the given shape. */
function eachPixel([b, h, w, c]: Shape4, visit: (at: number[], i: number) => void): void {
  for (let i = 0; i < b * h * w * c; i++) {
    const row = Math.floor(i / (w * c));
    visit([Math.floor(row / h), row % h, Math.floor(i / c) % w, i % c], i);
  }
}

function at({ values, shape: [, h, w, c] }: Image, [b, i, j, k]: number[]): number {
  return values[((b! * h + i!) * w + j!) * c + k!]!;
}

/** Every so many pixels, and zeros for new channels. */
function picked(x: Image, step: number, filters: number): Image {
  const [b, h, w, c] = x.shape;
  const shape: Shape4 = [b, Math.ceil(h / step), Math.ceil(w / step), filters];
  const values = new Float64Array(shape.reduce((p, n) => p * n));
  eachPixel(shape, ([n, i, j, k], index) => {
    if (k! < c) values[index] = at(x, [n!, i! * step, j! * step, k!]);
  });
  return { values, shape };
}

/** The means of `size`×`size` pixels `rate` apart, at every `step`-th pixel. */
function meansOf(x: Image, size: number, rate: number, step: number): Image {
  const [b, h, w, c] = x.shape;
  const shape: Shape4 = [b, Math.ceil(h / step), Math.ceil(w / step), c];
  const values = new Float64Array(shape.reduce((p, n) => p * n));
  eachPixel(shape, ([n, i, j, k], index) => {
    const found: number[] = [];
    for (let p = 0; p < size; p++)
      for (let q = 0; q < size; q++) {
        const [row, column] = [i! * step + p * rate, j! * step + q * rate];
        if (row < h && column < w) found.push(at(x, [n!, row, column, k!]));
      }
    values[index] = found.reduce((sum, v) => sum + v, 0) / found.length;
  });
  return { values, shape };
}

/** Squeeze-and-excitation. */
function squeezed(x: Image, weights: Weights): Image {
  const [b, h, w, c] = x.shape;
  const means = new Float64Array(b * c);
  eachPixel(x.shape, ([n, , , k], i) => {
    means[n! * c + k!]! += x.values[i]! / (h * w);
  });
  const dense = (name: string, input: Float64Array, activation: (v: number) => number) => {
    const { values, shape } = weights[`${name}/kernel`]!;
    const bias = weights[`${name}/bias`]!.values;
    const [rows, columns] = shape as [number, number];
    return Float64Array.from({ length: b * columns }, (_, index) => {
      const [n, column] = [Math.floor(index / columns), index % columns];
      let sum = bias[column]!;
      for (let row = 0; row < rows; row++) {
        sum += input[n * rows + row]! * values[row * columns + column]!;
      }
      return activation(sum);
    });
  };
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const factors = dense('se_expand', dense('se_reduce', means, relu), sigmoid);
  const values = x.values.slice();
  eachPixel(x.shape, ([n, , , k], i) => {
    values[i]! *= factors[n! * c + k!]!;
  });
  return { values, shape: x.shape };
}
