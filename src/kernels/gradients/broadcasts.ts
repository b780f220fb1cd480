import {
  broadcast_util,
  cast,
  greater,
  greaterEqual,
  less,
  lessEqual,
  Maximum,
  Minimum,
  mul,
  reshape,
  SquaredDifference,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Gradient } from './gradient.js';

type Binary = (a: Tensor, b: Tensor) => Tensor;
const difference: Binary = (a, b) => mul(2, sub(a, b));

/** Gradients with an operand that is broadcast, for which stock throws. */
export const broadcasts: Gradient[] = [
  reduced(Maximum, greaterEqual, less),
  reduced(Minimum, lessEqual, greater),
  reduced(SquaredDifference, difference, (a, b) => difference(b, a)),
];

/** The slopes by a and by b, each times dy and summed over the axes that were broadcast. */
function reduced(kernelName: string, slopeA: Binary, slopeB: Binary): Gradient {
  return {
    kernelName,
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      if (String(a.shape) === String(b.shape)) return null;
      const by = (slope: Binary, { shape }: Tensor) => {
        const gradient = mul(dy, cast(slope(a, b), 'float32'));
        const axes = broadcast_util.getReductionAxes(shape, dy.shape);
        return reshape(sum(gradient, axes), shape);
      };
      return { a: () => by(slopeA, a), b: () => by(slopeB, b) };
    },
  };
}
