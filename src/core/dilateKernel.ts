import { pad, reshape, slice, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { effectiveKernel } from './shape.js';

/**
 * Puts `dilation − 1` zeros between the taps of a kernel:
 * `[kh, kw, a, b] → [(kh − 1)·dh + 1, (kw − 1)·dw + 1, a, b]`.
 *
 * A convolution with the result is the dilated convolution. Its gradient goes through stock ops on
 * every backend, where the dilated convolution's own throws.
 */
export function dilateKernel(kernel: Tensor4D, [dh, dw]: readonly [number, number]): Tensor4D {
  if (dh === 1 && dw === 1) return kernel;
  const [kh, kw, a, b] = kernel.shape;
  const rows = spread(reshape(kernel, [1, kh, kw * a * b]), dh);
  const height = effectiveKernel(kh, dh);
  const columns = spread(reshape(rows, [height, kw, a * b]), dw);
  return reshape(columns, [height, effectiveKernel(kw, dw), a, b]);
}

/** Zeros between the entries of axis 1. */
function spread(x: Tensor, dilation: number): Tensor {
  const [outer, length, inner] = x.shape as [number, number, number];
  const taps = reshape(x, [outer * length, 1, inner]);
  const apart = reshape(
    pad(taps, [
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]),
    [outer, length * dilation, inner],
  );
  return slice(apart, [0, 0, 0], [outer, effectiveKernel(length, dilation), inner]);
}
