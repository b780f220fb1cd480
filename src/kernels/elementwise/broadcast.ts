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
    const reps = shape.map((n, axis) => n / x.shape[axis]!);
    const repeats = reps.some((n) => n !== 1);
    if (divisor === 1 && !repeats) return heap.share(x);
    const output = heap.output(shape);
    const divide = (address: number) => {
      sumOver(heap, heap.address(x), x.shape, [], { info: x, address }, divisor);
      return address;
    };
    if (!repeats) divide(output.address);
    else if (divisor === 1) repeatAlong(heap, heap.address(x), x.shape, reps, output);
    else {
      heap.scratch([util.sizeFromShape(x.shape) * 4], ([scratch]) =>
        repeatAlong(heap, divide(scratch!), x.shape, reps, output),
      );
    }
    return output.info;
  },
};
