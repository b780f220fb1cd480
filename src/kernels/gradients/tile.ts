import { reshape, sum, Tile, util, zeros } from '@tensorflow/tfjs-core';
import type { Gradient } from './gradient.js';

/**
 * The gradient of repetitions: their sum. Stock cuts dy into pieces and adds them one by one, and
 * throws beyond rank 4.
 */
export const tile: Gradient = {
  kernelName: Tile,
  gradFunc: (dy, [x], { reps }) => {
    const { shape } = x!;
    const times = reps as number[];
    return {
      x: () => {
        let gradient = dy;
        for (const [axis, repeats] of times.entries()) {
          if (repeats === 1 || gradient.size === 0) continue;
          const outer = util.sizeFromShape(shape.slice(0, axis));
          gradient = sum(reshape(gradient, [outer, repeats, -1]), 1);
        }
        return gradient.size === 0 ? zeros(shape) : reshape(gradient, shape);
      },
    };
  },
};
