import { backend_util, Concat, type ConcatAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { copyBox, isWords } from './copyRuns.js';

/** Tensors one after the other along an axis. Booleans and strings are left to stock. */
export const concat: Kernel<Tensor[], ConcatAttrs> = {
  kernelName: Concat,
  run(heap, inputs, { axis }) {
    const parts = inputs.filter(({ size }) => size > 0);
    const { dtype } = inputs[0]!;
    if (parts.length < 2 || !parts.every((part) => isWords(part) && part.dtype === dtype)) {
      return null;
    }
    const [along] = util.parseAxisParam(axis, inputs[0]!.shape) as [number];
    const shapes = inputs.map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, along);
    const shape = backend_util.computeOutShape(shapes, along);
    const output = heap.output(shape, dtype as 'float32');
    const start = shape.map(() => 0);
    for (const part of parts) {
      const from = { address: heap.address(part), shape: part.shape };
      copyBox(heap, part.shape, from, { address: output.address, shape, start });
      start[along]! += part.shape[along]!;
    }
    return output.info;
  },
};
