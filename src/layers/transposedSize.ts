import { type Axis, defaultLength, padBefore, possibleLengths } from '../core/shape.js';

export const CROPS = ['adjoint', 'begin', 'end', 'center'] as const;
/** Where an output of the default length is cut down to a smaller one. */
export type Crop = (typeof CROPS)[number];

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
