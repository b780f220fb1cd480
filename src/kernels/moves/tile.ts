import { type Tensor, Tile, type TileAttrs } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { isWords } from './copyRuns.js';
import { repeatAlong } from './repeat.js';

/** x several times along its axes, as `broadcastTo` does too. Booleans and strings are left to stock. */
export const tile: Kernel<{ x: Tensor }, TileAttrs> = {
  kernelName: Tile,
  run(heap, { x }, { reps }) {
    if (!isWords(x)) return null;
    if (reps.every((n) => n === 1)) return heap.share(x);
    const output = heap.output(
      x.shape.map((n, axis) => n * reps[axis]!),
      x.dtype as 'float32',
    );
    repeatAlong(heap, heap.address(x), x.shape, reps, output);
    return output.info;
  },
};
