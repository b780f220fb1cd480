import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';

/** Words of a slice, about. */
const SLICE = 16384;

/** An axis of a strided copy: its size, and how far its elements lie apart in both tensors, in words. */
export interface CopyAxis {
  size: number;
  from: number;
  to: number;
}

/** Whether a tensor's elements are 32 bits wide: booleans have 8, strings are not in the heap. */
export function isWords({ dtype }: TensorInfo): boolean {
  return dtype === 'float32' || dtype === 'int32';
}

/**
 * Copies elements from address to address along axes, the outermost first. Axes that continue each
 * other are merged; neighbouring words are copied as runs.
 */
export function copyAxes(heap: Heap, from: number, to: number, axes: CopyAxis[]): void {
  const merged = mergeAxes(axes);
  if (merged.some(({ size }) => size === 0)) return;
  const last = merged.at(-1);
  const isRun = last?.from === 1 && last.to === 1;
  const run = isRun ? last.size : 1;
  const outer = isRun ? merged.slice(0, -1) : merged;
  if (outer.length > 4) {
    const [first, ...rest] = merged;
    for (let i = 0; i < first!.size; i++) {
      copyAxes(heap, from + i * first!.from * 4, to + i * first!.to * 4, rest);
    }
    return;
  }
  const one = { size: 1, from: 0, to: 0 };
  const [a, b, c, d] = [...Array(4 - outer.length).fill(one), ...outer] as [
    CopyAxis,
    CopyAxis,
    CopyAxis,
    CopyAxis,
  ];
  const runs = util.sizeFromShape(outer.map(({ size }) => size));
  const sliceRuns = Math.max(1, Math.ceil(SLICE / run));
  heap.run('copy_32', Math.ceil(runs / sliceRuns), [
    ...[from, to, b.size, c.size, d.size],
    ...[a.from * 4, b.from * 4, c.from * 4, d.from * 4],
    ...[a.to * 4, b.to * 4, c.to * 4, d.to * 4],
    ...[run, runs, sliceRuns],
  ]);
}

/** Without axes of size 1, and with neighbours as one where both tensors go on evenly. */
export function mergeAxes(axes: CopyAxis[]): CopyAxis[] {
  const merged: CopyAxis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged.at(-1);
    if (outer && outer.from === axis.from * axis.size && outer.to === axis.to * axis.size) {
      merged[merged.length - 1] = { ...axis, size: outer.size * axis.size };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}

/** How far the elements of each axis of a dense tensor lie apart. */
export function strides(shape: readonly number[]): number[] {
  const result = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    result[axis] = result[axis + 1]! * shape[axis + 1]!;
  }
  return result;
}

/** Copies a box of the given shape between two tensors, from and to the given first indices. */
export function copyBox(
  heap: Heap,
  shape: readonly number[],
  from: { address: number; shape: readonly number[]; start?: readonly number[] },
  to: { address: number; shape: readonly number[]; start?: readonly number[] },
): void {
  const apart = { from: strides(from.shape), to: strides(to.shape) };
  const first = ({ address, start }: typeof from, distances: number[]) =>
    (start ?? []).reduce((at, index, axis) => at + index * distances[axis]! * 4, address);
  const axes = shape.map((size, a) => ({ size, from: apart.from[a]!, to: apart.to[a]! }));
  copyAxes(heap, first(from, apart.from), first(to, apart.to), axes);
}
