/** Padding of a convolution in TensorFlow's sense. */
export type Padding = 'same' | 'valid';

/** The extent of a dilated kernel: `(k − 1)·d + 1`. */
export function effectiveKernel(kernelSize: number, dilation: number): number {
  return (kernelSize - 1) * dilation + 1;
}

/** The length of a convolution's output for an input of length n and an effective kernel k. */
export function convLength(n: number, k: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(n / stride) : Math.floor((n - k) / stride) + 1;
}

/** The zeros that a convolution puts before an input of length n. */
export function padBefore(n: number, k: number, stride: number, padding: Padding): number {
  if (padding === 'valid') return 0;
  const total = (Math.ceil(n / stride) - 1) * stride + k - n;
  return Math.floor(Math.max(total, 0) / 2);
}

/** One axis of a convolution or a pooling; `kernel` is the effective one. */
export interface Axis {
  kernel: number;
  stride: number;
  padding: Padding;
}

/** The smallest and the largest length that a convolution takes to m. */
export function possibleLengths(m: number, { kernel, stride, padding }: Axis): [number, number] {
  const least = (m - 1) * stride + (padding === 'same' ? 1 : kernel);
  return [least, least + stride - 1];
}

/** The length that tfjs and Keras make of m when no other is asked for. */
export function defaultLength(m: number, { kernel, stride, padding }: Axis): number {
  return m * stride + (padding === 'same' ? 0 : Math.max(kernel - stride, 0));
}

/** Zeros before and after the rows, and before and after the columns. */
export type ImagePadding = [[number, number], [number, number]];

/** The padding of images as tfjs's convolutions take it. */
export function explicitPadding([rows, columns]: ImagePadding): ExplicitPadding {
  return [[0, 0], rows, columns, [0, 0]];
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];
