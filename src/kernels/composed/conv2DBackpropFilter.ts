import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  conv2d,
  pad,
  slice,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { float32, gradientInfo } from '../convolution/convInfo.js';

/**
 * The filter gradient as a convolution over the batch: x with its channels as batch, dy as the filter,
 * dilated by the stride.
 */
export function composedFilterGradient(
  { x, dy }: { x: Tensor4D; dy: Tensor4D },
  attrs: Conv2DBackpropFilterAttrs,
): Tensor4D {
  float32(Conv2DBackpropFilter, { x, dy });
  const info = gradientInfo(Conv2DBackpropFilter, x.shape, attrs.filterShape, dy, attrs);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const height = (outHeight - 1) * strideHeight + filterHeight;
  const width = (outWidth - 1) * strideWidth + filterWidth;
  return tidy(() => {
    const bottom = Math.max(0, height - top - inHeight);
    const right = Math.max(0, width - left - inWidth);
    const padded = pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const windows = slice(padded, [0, 0, 0, 0], [batchSize, height, width, inChannels]);
    const gradient = conv2d(
      transpose(windows, [3, 1, 2, 0]),
      transpose(dy, [1, 2, 0, 3]),
      1,
      'valid',
      'NHWC',
      [strideHeight, strideWidth],
    );
    return transpose(gradient, [1, 2, 0, 3]);
  });
}
