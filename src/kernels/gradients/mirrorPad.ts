import { add, MirrorPad, pad, reverse, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { Gradient } from './gradient.js';

/** The adjoint of mirroring: each border is folded back. Stock cuts it off. */
export const mirrorPad: Gradient = {
  kernelName: MirrorPad,
  gradFunc: (dy, [x], { paddings, mode }) => {
    const offset = mode === 'reflect' ? 1 : 0;
    return {
      x: () =>
        (paddings as [number, number][]).reduce((gradient, [before, after], axis) => {
          return fold(gradient, axis, before, x!.shape[axis]!, after, offset);
        }, dy),
    };
  },
};

/** Folds the first `before` and the last `after` positions of an axis back on the n between. */
function fold(
  dy: Tensor,
  axis: number,
  before: number,
  n: number,
  after: number,
  offset: number,
): Tensor {
  const part = (start: number, size: number) =>
    slice(
      dy,
      dy.shape.map((_, a) => (a === axis ? start : 0)),
      dy.shape.map((length, a) => (a === axis ? size : length)),
    );
  const back = (border: Tensor, start: number) =>
    pad(
      reverse(border, axis),
      dy.shape.map((_, a): [number, number] => {
        return a === axis ? [start, n - start - border.shape[axis]!] : [0, 0];
      }),
    );
  let gradient = part(before, n);
  if (before > 0) gradient = add(gradient, back(part(0, before), offset));
  if (after > 0) gradient = add(gradient, back(part(before + n, after), n - offset - after));
  return gradient;
}
