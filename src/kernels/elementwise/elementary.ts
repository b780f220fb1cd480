import { type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';

/** As in assembly/elementary.ts. */
const OPS = { exp: 0, tanh: 1, softplus: 2 } as const;
const SLICE = 8192;

/** y = f(x), element by element. Integers are left to stock. */
export function elementary(kernelName: string, op: keyof typeof OPS): Kernel<{ x: Tensor }> {
  return {
    kernelName,
    run(heap, { x }) {
      if (x.dtype !== 'float32') return null;
      const output = heap.output(x.shape);
      const count = util.sizeFromShape(x.shape);
      const tensors = [heap.address(x), output.address];
      heap.run('elementary_f32', Math.ceil(count / SLICE), [...tensors, OPS[op], count]);
      return output.info;
    },
  };
}
