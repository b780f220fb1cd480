import { type Tensor, Tile, type TileAttrs, util } from '@tensorflow/tfjs-core';
import { isWords } from './copyRuns.js';
import type { Kernel } from './kernel.js';

/** Words of a slice, about. */
const SLICE = 16384;

/** One call of `repeat_32`: [outer, run] → [outer, reps, run]. */
interface Step {
  outer: number;
  run: number;
  reps: number;
}

/** x several times along its axes, as `broadcastTo` does too. Booleans and strings are left to stock. */
export const tile: Kernel<{ x: Tensor }, TileAttrs> = {
  kernelName: Tile,
  run(heap, { x }, { reps }) {
    if (!isWords(x)) return null;
    const output = heap.output(
      x.shape.map((n, axis) => n * reps[axis]!),
      x.dtype as 'float32',
    );
    if (util.sizeFromShape(output.info.shape) === 0) return output.info;
    const steps = plan(x.shape, reps);
    const between = steps.slice(0, -1).map((step) => step.outer * step.reps * step.run * 4);
    heap.scratch(between, (partial) => {
      const places = [heap.address(x), ...partial, output.address];
      for (const [i, { outer, run, reps }] of steps.entries()) {
        const sliceReps = Math.min(reps, Math.max(1, Math.round(SLICE / run)));
        const slices = outer * Math.ceil(reps / sliceReps);
        heap.run('repeat_32', slices, [places[i]!, places[i + 1]!, run, reps, sliceReps]);
      }
    });
    return output.info;
  },
};

/** The last axes first: the tensors between are small. Neighbouring axes of one element are one. */
function plan(shape: number[], reps: number[]): Step[] {
  const steps: Step[] = [];
  let run = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const last = steps.at(-1);
    if (reps[axis]! > 1) {
      if (last && shape[axis] === 1 && last.run * last.reps === run) {
        last.reps *= reps[axis]!;
      } else {
        const outer = util.sizeFromShape(shape.slice(0, axis));
        steps.push({ outer, run: run * shape[axis]!, reps: reps[axis]! });
      }
    }
    run *= shape[axis]! * reps[axis]!;
  }
  return steps.length > 0 ? steps : [{ outer: 1, run, reps: 1 }];
}
