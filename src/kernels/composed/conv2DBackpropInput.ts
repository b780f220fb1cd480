import {
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  conv2d,
  pad,
  reshape,
  reverse,
  slice,
  type Tensor,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { float32, gradientInfo } from '../convolution/convInfo.js';

/**
 * The input gradient as a convolution: dy with stride − 1 zeros put between its pixels, and the filter
 * turned around. Many times faster than the stock kernel.
 */
export function composedInputGradient(
  { dy, filter }: { dy: Tensor4D; filter: Tensor4D },
  attrs: Conv2DBackpropInputAttrs,
): Tensor4D {
  float32(Conv2DBackpropInput, { dy, filter });
  const info = gradientInfo(Conv2DBackpropInput, attrs.inputShape, filter.shape, dy, attrs);
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  return tidy(() => {
    const rows = spread(dy, 1, strideHeight);
    const spreadDy = spread(rows, 2, strideWidth);
    const high = window(
      spreadDy,
      1,
      filterHeight - 1 - padInfo.top,
      info.inHeight + filterHeight - 1,
    );
    const wide = window(high, 2, filterWidth - 1 - padInfo.left, info.inWidth + filterWidth - 1);
    const turned = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return conv2d(wide as Tensor4D, turned as Tensor4D, 1, 'valid');
  });
}

/** Puts stride − 1 zeros after each position of an axis. */
export function spread(x: Tensor, axis: number, stride: number): Tensor {
  if (stride === 1) return x;
  const split = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const padding = split.map((_, i) => [0, i === axis + 1 ? stride - 1 : 0] as [number, number]);
  const shape = x.shape.map((n, i) => (i === axis ? n * stride : n));
  return reshape(pad(reshape(x, split), padding), shape);
}

/** The positions −before … length − before − 1 of an axis, zeros where x has none. */
export function window(x: Tensor, axis: number, before: number, length: number): Tensor {
  const start = Math.max(0, -before);
  const front = Math.max(0, before);
  const kept = Math.max(0, Math.min(x.shape[axis]! - start, length - front));
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const size = x.shape.map((n, i) => (i === axis ? kept : n));
  const padding = x.shape.map((_, i) => {
    return (i === axis ? [front, length - front - kept] : [0, 0]) as [number, number];
  });
  return pad(slice(x, begin, size), padding);
}
