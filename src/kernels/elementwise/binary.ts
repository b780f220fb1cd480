import { broadcast_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { repeatAlong } from '../moves/repeat.js';
import { wideRows } from '../norm/wideRows.js';
import type { Heap } from '../runtime/heap.js';

/** As in assembly/binary.ts: a ∘ b for a large a, and for a large b. */
const OPS = {
  add: [0, 0],
  sub: [1, 2],
  multiply: [3, 3],
  maximum: [4, 4],
  minimum: [5, 5],
} as const;

/** What stock gets wrong, so that no floats are left to it. */
const WRONG: readonly Op[] = ['maximum', 'minimum'];

/** Floats of a slice, as in assembly/binary.ts. */
const SLICE = 16384;

type Op = keyof typeof OPS;

/**
 * An operation of two tensors of one shape, or of a tensor and one that is repeated over its leading
 * axes, such as a bias. Everything else is left to stock, unless that gets it wrong.
 */
export function binary(kernelName: string, op: Op): Kernel<{ a: Tensor; b: Tensor }> {
  return {
    kernelName,
    run(heap, { a, b }) {
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
      if (util.arraysEqual(a.shape, b.shape)) return elementwise(heap, op, a, b);
      const [sizeA, sizeB] = [util.sizeFromShape(a.shape), util.sizeFromShape(b.shape)];
      const [large, small] = sizeA >= sizeB ? [a, b] : [b, a];
      const channels = Math.min(sizeA, sizeB);
      const count = Math.max(sizeA, sizeB);
      if (channels < 2 || channels === count || !repeats(small.shape, large.shape)) {
        return WRONG.includes(op) ? expanded(heap, op, a, b) : null;
      }
      const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
      const output = heap.output(shape);
      const { wide, sliceRows, slices } = wideRows(count / channels, channels);
      heap.scratch([wide * 4], ([repeated]) => {
        heap.run('widen_f32', 1, [heap.address(small), repeated!, channels, wide]);
        const tensors = [heap.address(large), repeated!, output.address];
        const kind = OPS[op][large === a ? 0 : 1];
        heap.run('broadcast_f32', slices, [...tensors, kind, count, wide, sliceRows]);
      });
      return output.info;
    },
  };
}

/** a ∘ b of one shape. */
function elementwise(heap: Heap, op: Op, a: Tensor, b: Tensor): TensorInfo {
  const output = heap.output(a.shape);
  const count = util.sizeFromShape(a.shape);
  const tensors = [heap.address(a), heap.address(b), output.address];
  heap.run('binary_f32', Math.ceil(count / SLICE), [...tensors, OPS[op][0], count]);
  return output.info;
}

/** a ∘ b of any two shapes that go together, both repeated to the result's. */
function expanded(heap: Heap, op: Op, a: Tensor, b: Tensor): TensorInfo {
  const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const output = heap.output(shape);
  const count = util.sizeFromShape(shape);
  heap.scratch([count * 4, count * 4], (copies) => {
    for (const [i, x] of [a, b].entries()) {
      const padded = [...Array(shape.length - x.shape.length).fill(1), ...x.shape];
      const reps = shape.map((n, axis) => n / padded[axis]!);
      repeatAlong(heap, heap.address(x), padded, reps, { ...output, address: copies[i]! });
    }
    const tensors = [...copies, output.address];
    heap.run('binary_f32', Math.ceil(count / SLICE), [...tensors, OPS[op][0], count]);
  });
  return output.info;
}

/** Whether `small`, without its leading axes of size 1, is the end of `large`. */
function repeats(small: readonly number[], large: readonly number[]): boolean {
  const end = small.slice(small.findIndex((n) => n !== 1));
  const same = large.slice(-end.length);
  return end.length <= large.length && end.every((n, axis) => n === same[axis]);
}
