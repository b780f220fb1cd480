import { engine, Mean, reshape, Sum, type Tensor, util } from '@tensorflow/tfjs-core';
import { broadcast } from '../elementwise/broadcast.js';
import type { Gradient } from './gradient.js';

/** Gradients of sums and means in one pass; stock fills a tensor with ones, and multiplies. */
export const reductions: Gradient[] = [
  spread(Sum, () => 1),
  spread(Mean, (shape, axes) => util.sizeFromShape(axes.map((axis) => shape[axis]!))),
];

function spread(
  kernelName: string,
  divisorOf: (shape: number[], axes: number[]) => number,
): Gradient {
  return {
    kernelName,
    needs: broadcast.kernelName,
    gradFunc: (dy, [x], { axis }) => {
      if (dy.dtype !== 'float32') return null;
      const { shape } = x!;
      const axes = util.parseAxisParam(axis as number | number[], shape);
      const kept = shape.map((n, a) => (axes.includes(a) ? 1 : n));
      const attrs = { shape, divisor: divisorOf(shape, axes) };
      return {
        x: () =>
          engine().runKernel(broadcast.kernelName, { x: reshape(dy, kept) }, attrs) as Tensor,
      };
    },
  };
}
