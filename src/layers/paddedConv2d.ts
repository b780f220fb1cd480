import {
  conv2d,
  customGrad,
  type GradSaveFunc,
  reverse,
  type Tensor,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import { dilateKernel } from '../core/dilateKernel.js';
import { explicitPadding, type ImagePadding } from '../core/shape.js';

type Pair = [number, number];

/**
 * Convolution `[b, h, w, c] → [b, …, f]` by a kernel `[kh, kw, c, f]`, after padding with zeros.
 *
 * tfjs's own has no gradient when it is dilated. Here that of stride 1 gets one, and for larger
 * strides, which tfjs doesn't dilate at all, the kernel is filled up with zeros.
 */
export function paddedConv2d(
  x: Tensor4D,
  kernel: Tensor4D,
  strides: Pair,
  dilations: Pair,
  padding: ImagePadding,
): Tensor4D {
  const isDilated = Math.max(...dilations) > 1;
  return isDilated && Math.max(...strides) === 1
    ? dilatedConv2d(x, kernel, dilations, padding)
    : conv2d(x, dilateKernel(kernel, dilations), strides, explicitPadding(padding));
}

/**
 * Both gradients are convolutions again: by the image, of dy with the turned kernel, dilated alike;
 * by the kernel, of the image with dy, channels and batch exchanged, in steps of the dilation. No
 * other op is needed, and no product with a zero between the taps is computed.
 */
function dilatedConv2d(x: Tensor4D, kernel: Tensor4D, dilations: Pair, padding: ImagePadding) {
  const op = customGrad((...args) => {
    const [x, kernel, save] = args as unknown as [Tensor4D, Tensor4D, GradSaveFunc];
    save([x, kernel]);
    const gradFunc = (dy: Tensor, [x, kernel]: Tensor[]) => [
      gradientByImage(dy as Tensor4D, kernel as Tensor4D, dilations, padding),
      gradientByKernel(x as Tensor4D, dy as Tensor4D, dilations, padding),
    ];
    const value = conv2d(x, kernel, 1, explicitPadding(padding), 'NHWC', dilations);
    return { value, gradFunc };
  });
  return op(x, kernel) as Tensor4D;
}

function gradientByImage(
  dy: Tensor4D,
  kernel: Tensor4D,
  dilations: Pair,
  padding: ImagePadding,
): Tensor4D {
  const turned = transpose(reverse(kernel, [0, 1]), [0, 1, 3, 2]);
  // What the full transposed output has beyond the image is `padding` at each end.
  const [rows, columns] = [0, 1].map((i) => {
    const reach = (kernel.shape[i]! - 1) * dilations[i]!;
    return padding[i]!.map((zeros) => reach - zeros);
  }) as ImagePadding;
  return conv2d(dy, turned, 1, explicitPadding([rows, columns]), 'NHWC', dilations);
}

function gradientByKernel(
  x: Tensor4D,
  dy: Tensor4D,
  dilations: Pair,
  padding: ImagePadding,
): Tensor4D {
  const images = transpose(x, [3, 1, 2, 0]);
  const taps = transpose(dy, [1, 2, 0, 3]);
  return transpose(conv2d(images, taps, dilations, explicitPadding(padding)), [1, 2, 0, 3]);
}
