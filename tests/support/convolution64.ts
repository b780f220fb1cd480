import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';

type Values = ArrayLike<number>;
export type Shape4 = [number, number, number, number];

/** Strides, dilations and the padding before, in height and width. */
export interface Geometry {
  strides: [number, number];
  dilations?: [number, number];
  before: [number, number];
}

/** Visits every product of a convolution x → y as flat indices into x, the kernel and y. */
function visit(
  xShape: Shape4,
  kernelShape: Shape4,
  [height, width]: [number, number],
  { strides, dilations = [1, 1], before }: Geometry,
  each: (x: number, kernel: number, y: number) => void,
): void {
  const [batch, h, w, inner] = xShape;
  const [kh, kw, , outer] = kernelShape;
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let p = 0; p < kh; p++)
          for (let q = 0; q < kw; q++) {
            const row = i * strides[0] + p * dilations[0] - before[0];
            const column = j * strides[1] + q * dilations[1] - before[1];
            if (row < 0 || row >= h || column < 0 || column >= w) continue;
            for (let c = 0; c < inner; c++)
              for (let f = 0; f < outer; f++)
                each(
                  ((b * h + row) * w + column) * inner + c,
                  ((p * kw + q) * inner + c) * outer + f,
                  ((b * height + i) * width + j) * outer + f,
                );
          }
}

/** A convolution `[b, h, w, c] → [b, …size, f]` by a kernel `[kh, kw, c, f]`. */
export function conv64(
  x: Values,
  xShape: Shape4,
  kernel: Values,
  kernelShape: Shape4,
  size: [number, number],
  geometry: Geometry,
): Float64Array {
  const y = new Float64Array(xShape[0] * size[0] * size[1] * kernelShape[3]);
  visit(xShape, kernelShape, size, geometry, (i, k, o) => {
    y[o]! += x[i]! * kernel[k]!;
  });
  return y;
}

/** Its adjoint `[b, h, w, f] → [b, …size, c]`, by the same kernel. */
export function convTransposed64(
  y: Values,
  yShape: Shape4,
  kernel: Values,
  kernelShape: Shape4,
  size: [number, number],
  geometry: Geometry,
): Float64Array {
  const xShape: Shape4 = [yShape[0], ...size, kernelShape[2]];
  const x = new Float64Array(xShape[0] * size[0] * size[1] * xShape[3]);
  visit(xShape, kernelShape, [yShape[1], yShape[2]], geometry, (i, k, o) => {
    x[i]! += y[o]! * kernel[k]!;
  });
  return x;
}

/** The values as a float32 tensor. */
export function tensorOf(values: Values, shape: Shape4): Tensor4D {
  return tensor4d(Float32Array.from(values), shape);
}
