import { util } from '@tensorflow/tfjs-core';
import type { Heap, Output } from '../runtime/heap.js';

/** Words of a slice, about. */
const SLICE = 16384;

/** One call of `repeat_32`: [outer, run] → [outer, reps, run]. */
interface Step {
  outer: number;
  run: number;
  reps: number;
}

/** Writes a tensor of words, `reps` times along each axis, to an output. */
export function repeatAlong(
  heap: Heap,
  from: number,
  shape: readonly number[],
  reps: readonly number[],
  output: Output,
): void {
  if (util.sizeFromShape(output.info.shape) === 0) return;
  const steps = plan(shape, reps);
  const between = steps.slice(0, -1).map((step) => step.outer * step.reps * step.run * 4);
  heap.scratch(between, (partial) => {
    const places = [from, ...partial, output.address];
    for (const [i, { outer, run, reps }] of steps.entries()) {
      const sliceReps = Math.min(reps, Math.max(1, Math.round(SLICE / run)));
      const slices = outer * Math.ceil(reps / sliceReps);
      heap.run('repeat_32', slices, [places[i]!, places[i + 1]!, run, reps, sliceReps]);
    }
  });
}

/** The last axes first: the tensors between are small. Neighbouring axes of one element are one. */
function plan(shape: readonly number[], reps: readonly number[]): Step[] {
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
