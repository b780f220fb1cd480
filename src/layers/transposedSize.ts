import { type Padding, padBefore } from '../core/shape.js';

/** One axis of a convolution that is to be transposed; `kernel` is the effective one. */
export interface Axis {
  kernel: number;
  stride: number;
  padding: Padding;
}

export const CROPS = ['adjoint', 'begin', 'end', 'center'] as const;
/** Where an output of the default length is cut down to a smaller one. */
export type Crop = (typeof CROPS)[number];

/** The smallest and the largest length that the convolution takes to m. */
export function possibleLengths(m: number, { kernel, stride, padding }: Axis): [number, number] {
  const least = (m - 1) * stride + (padding === 'same' ? 1 : kernel);
  return [least, least + stride - 1];
}

/** The length that tfjs and Keras make of m when no other is asked for. */
export function defaultLength(m: number, { kernel, stride, padding }: Axis): number {
  return m * stride + (padding === 'same' ? 0 : Math.max(kernel - stride, 0));
}

/** The `output_padding` of Keras that gives the smallest possible length. */
export function leastOutputPadding({ kernel, padding }: Axis): number {
  return padding === 'same' && kernel % 2 === 0 ? 1 : 0;
}

/** The length that Keras's `output_padding` asks for. */
export function paddedLength(m: number, axis: Axis, outputPadding: number): number {
  return possibleLengths(m, axis)[0] + outputPadding - leastOutputPadding(axis);
}

/**
 * The padding of a convolution n → m whose adjoint is the wanted output of length n: the window
 * `[before, before + n)` of the full transposed output, whose length is `(m − 1)·s + k`.
 *
 * Every crop but `'adjoint'` starts from the window that the default length has. Beyond the full
 * output there are zeros.
 */
export function transposedPadding(m: number, n: number, axis: Axis, crop: Crop): [number, number] {
  const { kernel, stride, padding } = axis;
  const uncut = crop === 'adjoint' ? n : Math.max(n, defaultLength(m, axis));
  const surplus = uncut - n;
  const cut = { adjoint: 0, begin: surplus, end: 0, center: Math.floor(surplus / 2) }[crop];
  const before = padBefore(uncut, kernel, stride, padding) + cut;
  return [before, Math.max((m - 1) * stride + kernel - n - before, 0)];
}
