import {
  gather,
  matMul,
  pad,
  reshape,
  slice,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  tensor2d,
  transpose,
} from '@tensorflow/tfjs-core';
import { padBefore } from '../core/shape.js';
import { KERNELS, kernelMatrix, nearestMatrix, nearestSources } from './interpolation.js';
import { linear } from './linear.js';
import { type Factors, repeat, sumBlocks } from './repeat.js';
import { meansMatrix, type Windows } from './windows.js';

/** Height and width. */
export type Size = readonly [height: number, width: number];

/** The nearest pixel: `[b, h, w, c] → [b, …size, c]`, of the input's type. */
export function resizeNearest(x: Tensor4D, size: Size, alignCorners: boolean): Tensor4D {
  const [h, w] = inner(x);
  const shape = resized(x, size);
  const factors: Factors = [size[0] / h, size[1] / w];
  if (!alignCorners && factors.every(Number.isInteger)) {
    return linear(
      x,
      shape,
      (v) => repeat(v, factors),
      (dy) => sumBlocks(dy, factors),
    );
  }
  const matrix = (n: number, m: number) => tensor2d(nearestMatrix(n, m, alignCorners), [n, m]);
  return linear(
    x,
    shape,
    // A copy: a product with zeros and ones would spread NaN, and bar integers.
    (v) => {
      const pixels = nearestPixels([h, w], size, alignCorners);
      const [b, , , c] = v.shape;
      return reshape(gather(reshape(v, [b, h * w, c]), tensor1d(pixels, 'int32'), 1), shape);
    },
    (dy) => multiply(dy, [h, w], (n, m) => transpose(matrix(m, n))),
  );
}

/** Which of the h·w pixels each pixel of an image of the given size takes. */
function nearestPixels([h, w]: Size, [height, width]: Size, alignCorners: boolean): Int32Array {
  const rows = nearestSources(h, height, alignCorners);
  const columns = nearestSources(w, width, alignCorners);
  return Int32Array.from({ length: height * width }, (_, i) => {
    return rows[Math.floor(i / width)]! * w + columns[i % width]!;
  });
}

/** Interpolates with a kernel of {@link KERNELS}: `[b, h, w, c] → [b, …size, c]`. */
export function resizeSmooth(
  x: Tensor4D,
  size: Size,
  kernel: keyof typeof KERNELS,
  alignCorners: boolean,
): Tensor4D {
  const from = inner(x);
  const matrix = (n: number, m: number) =>
    tensor2d(kernelMatrix(n, m, KERNELS[kernel], alignCorners), [n, m]);
  return linear(
    x,
    resized(x, size),
    (v) => multiply(v, size, matrix),
    (dy) => multiply(dy, from, (n, m) => transpose(matrix(m, n))),
  );
}

/**
 * The adjoint of sum pooling with these strides, windows as large, and SAME padding, for an image
 * of the given size: `[b, h, w, c] → [b, …size, c]`, of the input's type.
 */
export function spread(x: Tensor4D, size: Size, strides: Factors): Tensor4D {
  const [h, w] = inner(x);
  const shape = resized(x, size);
  const before = strides.map((s, i) => padBefore(size[i]!, s, s, 'same')) as [number, number];
  const after = [h * strides[0] - size[0] - before[0], w * strides[1] - size[1] - before[1]];
  const padding = before.map((p, i) => [p, after[i]!]) as [[number, number], [number, number]];
  return linear(
    x,
    shape,
    (v) => slice(repeat(v, strides), [0, ...before, 0], shape),
    (dy) => sumBlocks(pad(dy, [[0, 0], ...padding, [0, 0]]), strides),
  );
}

/**
 * The adjoint of average pooling with these windows: each value, divided by the number of pixels in
 * its window, is added to all of them: `[b, o, o', c] → [b, h, w, c]`.
 */
export function spreadMeans(x: Tensor4D, windows: Windows): Tensor4D {
  const [rows, columns] = windows;
  const image: Size = [rows.n, columns.n];
  const pooling = (i: 0 | 1) => tensor2d(meansMatrix(windows[i]), [windows[i].n, windows[i].o]);
  return linear(
    x,
    resized(x, image),
    (v) => multiply(v, image, (_, __, i) => transpose(pooling(i))),
    (dy) => multiply(dy, [rows.o, columns.o], (_, __, i) => pooling(i)),
  );
}

/**
 * Multiplies every column and every row by an n×m matrix that makes m pixels of n:
 * `[b, h, w, c] → [b, …size, c]`. The data is the left operand of a plain 2D product, the only
 * form of it that stock WASM is fast at.
 */
function multiply(
  x: Tensor4D,
  [height, width]: Size,
  matrix: (n: number, m: number, axis: 0 | 1) => Tensor2D,
): Tensor4D {
  const [b, h, w, c] = x.shape;
  const byColumn = reshape(transpose(x, [0, 2, 3, 1]), [b * w * c, h]);
  const tall = reshape(matMul(byColumn, matrix(h, height, 0)), [b, w, c, height]);
  const byRow = reshape(transpose(tall, [0, 3, 2, 1]), [b * height * c, w]);
  const wide = reshape(matMul(byRow, matrix(w, width, 1)), [b, height, c, width]);
  return transpose(wide, [0, 1, 3, 2]) as Tensor4D;
}

function inner(x: Tensor4D): Size {
  return [x.shape[1], x.shape[2]];
}

function resized(x: Tensor4D, size: Size): Tensor4D['shape'] {
  return [x.shape[0], ...size, x.shape[3]];
}
