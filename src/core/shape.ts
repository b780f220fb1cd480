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
