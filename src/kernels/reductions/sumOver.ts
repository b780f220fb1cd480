import { util } from '@tensorflow/tfjs-core';
import type { Heap, Output } from '../runtime/heap.js';

/** Floats of a chunk of a row: its sums stay in the first-level cache. */
const CHUNK = 4096;
/** Floats of a block, about. */
const BLOCK = 32768;
/** Rows that a block has at least, so that the sums of blocks are few. */
const MIN_BLOCK_ROWS = 64;
/** As in assembly/sum.ts. */
const SLICE_SCRATCH = 512;

/** One call of `sum_f32`: [outer, rows, inner] → [outer, blocks, inner]. */
interface Step {
  outer: number;
  rows: number;
  inner: number;
  blocks: number;
  blockRows: number;
  chunk: number;
}

/**
 * Writes Σ x over the given axes, divided by `divisor`, to an output. Sums run over blocks of fixed
 * size, then over the blocks.
 */
export function sumOver(
  heap: Heap,
  x: number,
  shape: readonly number[],
  axes: readonly number[],
  output: Output,
  divisor = 1,
): void {
  const steps = plan(shape, axes);
  const slices = steps.map(({ outer, blocks, inner, chunk }) => {
    return outer * blocks * Math.ceil(inner / chunk);
  });
  const narrow = steps.map(({ inner }, i) => (inner > 1 && inner < 16 ? slices[i]! : 0));
  const between = steps.slice(0, -1).map(({ outer, blocks, inner }) => outer * blocks * inner * 4);
  heap.scratch([Math.max(...narrow) * SLICE_SCRATCH, ...between], ([scratch, ...partial]) => {
    const targets = [...partial, output.address];
    for (const [i, { rows, inner, blocks, blockRows, chunk }] of steps.entries()) {
      const last = i === steps.length - 1;
      heap.run('sum_f32', slices[i]!, [
        ...[i === 0 ? x : targets[i - 1]!, targets[i]!, scratch!],
        ...[rows, inner, blocks, blockRows, chunk, last ? divisor : 1],
      ]);
    }
  });
}

/** The last axes first: what is left of them is smaller. */
function plan(shape: readonly number[], axes: readonly number[]): Step[] {
  const groups = group(shape, axes);
  const steps: Step[] = [];
  for (let g = groups.length - 1; g >= 0; g--) {
    if (!groups[g]!.summed) continue;
    const outer = util.sizeFromShape(groups.slice(0, g).map(({ size }) => size));
    const inner = util.sizeFromShape(groups.slice(g + 1).map(({ size }) => size));
    let rows = groups[g]!.size;
    while (rows > 1) {
      const step = stepOf(outer, rows, inner);
      steps.push(step);
      rows = step.blocks;
    }
    groups[g]!.size = 1;
  }
  return steps.length > 0 ? steps : [stepOf(1, 1, util.sizeFromShape([...shape]))];
}

/** Neighbouring axes that are summed, or kept, as one; without those of size 1. */
function group(shape: readonly number[], axes: readonly number[]) {
  const groups: { size: number; summed: boolean }[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const summed = axes.includes(axis);
    const last = groups.at(-1);
    if (last?.summed === summed) last.size *= size;
    else groups.push({ size, summed });
  }
  return groups;
}

function stepOf(outer: number, rows: number, inner: number): Step {
  const chunk = inner < 2 * CHUNK ? inner : CHUNK;
  const blockRows = Math.max(MIN_BLOCK_ROWS, Math.ceil(BLOCK / chunk / 8) * 8);
  return { outer, rows, inner, blocks: Math.ceil(rows / blockRows), blockRows, chunk };
}
