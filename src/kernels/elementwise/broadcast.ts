import { type Tensor, util } from '@tensorflow/tfjs-core';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { repeatAlong } from '../moves/repeat.js';
import { sumOver } from '../reductions/sumOver.js';

export interface BroadcastAttrs {
  /** As x's, with any size where x has 1. */
  shape: number[];
  /** Default: 1. */
  divisor?: number;
}

/** x / divisor, repeated along the axes where it has one element: the gradient of sums and means. */
export const broadcast: Kernel<{ x: Tensor }, BroadcastAttrs> = {
  kernelName: 'BlocksBroadcast',
  run(heap, { x }, { shape, divisor = 1 }) {
    float32(this.kernelName, { x });
    const output = heap.output(shape);
    const reps = shape.map((n, axis) => n / x.shape[axis]!);
    const count = util.sizeFromShape(x.shape);
    heap.scratch([divisor === 1 ? 0 : count * 4], ([scratch]) => {
      if (divisor === 1) {
        repeatAlong(heap, heap.address(x), x.shape, reps, output);
      } else {
        const divided = { info: x, address: scratch! };
        sumOver(heap, heap.address(x), x.shape, [], divided, divisor);
        repeatAlong(heap, scratch!, x.shape, reps, output);
      }
    });
    return output.info;
  },
};
