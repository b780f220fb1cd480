import { type Tensor, Transpose, type TransposeAttrs, util } from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { type CopyAxis, copyAxes, isWords, mergeAxes, strides } from './copyRuns.js';

/** As in assembly/copy.ts. */
const BLOCK_ROWS = 32;
const BLOCK_COLUMNS = 64;
const BLOCK_BYTES = 8192;

/** x with its axes in another order. One that moves nothing, and booleans, are left to stock. */
export const transpose: Kernel<{ x: Tensor }, TransposeAttrs> = {
  kernelName: Transpose,
  run(heap, { x }, { perm }) {
    const shape = perm.map((axis) => x.shape[axis]!);
    const from = strides(x.shape);
    const to = strides(shape);
    const axes = perm.map((axis, i) => ({ size: shape[i]!, from: from[axis]!, to: to[i]! }));
    const merged = mergeAxes(axes);
    if (!isWords(x) || merged.length < 2) return null;
    const output = heap.output(shape, x.dtype as 'float32');
    if (util.sizeFromShape(shape) > 0) {
      transposeAxes(heap, heap.address(x), output.address, merged);
    }
    return output.info;
  },
};

function transposeAxes(heap: Heap, from: number, to: number, axes: CopyAxis[]): void {
  // The axis of neighbours in x, and the one of neighbours in the result, the last.
  const columns = axes.findIndex((axis) => axis.from === 1);
  const rows = axes.length - 1;
  if (columns === rows) {
    copyAxes(heap, from, to, axes);
    return;
  }
  const outer = axes.filter((_, i) => i !== columns && i !== rows);
  if (outer.length > 3) {
    const first = outer[0]!;
    const rest = axes.filter((axis) => axis !== first);
    for (let i = 0; i < first.size; i++) {
      transposeAxes(heap, from + i * first.from * 4, to + i * first.to * 4, rest);
    }
    return;
  }
  const inner = axes[columns]!.size;
  const next = outer.find((axis) => axis.from === inner);
  const groups = next ? groupsOf(next.size, inner) : 1;
  const toGroup = next?.to ?? 0;
  if (next && groups > 1) {
    const rest = { size: next.size / groups, from: next.from * groups, to: next.to * groups };
    outer[outer.indexOf(next)] = rest;
  }
  const one = { size: 1, from: 0, to: 0 };
  const [a, b, c] = [...Array(3 - outer.length).fill(one), ...outer] as [
    CopyAxis,
    CopyAxis,
    CopyAxis,
  ];
  const matrices = a.size * b.size * c.size;
  heap.run(
    'transpose_32',
    matrices * Math.ceil(axes[rows]!.size / BLOCK_ROWS),
    [
      ...[from, to, b.size, c.size],
      ...[a.from * 4, b.from * 4, c.from * 4, a.to * 4, b.to * 4, c.to * 4],
      ...[axes[rows]!.size, groups * inner, groups],
      ...[axes[rows]!.from * 4, axes[columns]!.to * 4, toGroup * 4],
    ],
    BLOCK_BYTES,
  );
}

/** How many neighbours of `size` fill a block, with `columns` each: rows are read in longer runs then. */
function groupsOf(size: number, columns: number): number {
  let groups = Math.min(size, Math.floor(BLOCK_COLUMNS / columns));
  while (groups > 1 && size % groups > 0) groups--;
  return Math.max(1, groups);
}
