import { broadcast_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import {
  type Bounds,
  packedBytes,
  packPanels,
  runConvolution,
  wideOf,
  withBias,
} from '../convolution/convolve.js';
import type { Heap } from '../runtime/heap.js';

/** As in assembly/rowProduct.ts. */
const ROW_COLUMNS = 64;

export interface MatMulInputs {
  a: Tensor;
  b: Tensor;
}

/**
 * a [..., m, k] · b [..., k, n] + bias [n], kept within bounds → [..., m, n]; either may be given
 * transposed, and the leading axes broadcast. Of integers, which stock refuses, it is the product alone, modulo
 * 2³². Null for other types.
 */
export function matMul(
  heap: Heap,
  { a, b }: MatMulInputs,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
  bias: TensorInfo | undefined,
  bounds: Bounds,
): TensorInfo | null {
  const { dtype } = a;
  if ((dtype !== 'float32' && dtype !== 'int32') || b.dtype !== dtype) return null;
  if (a.shape.length < 2 || b.shape.length < 2) return null;
  const [m, k] = sides(a, transposeA);
  const [inner, n] = sides(b, transposeB);
  util.assert(
    inner === k,
    () =>
      `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ` +
      `${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const output = heap.output([...batch, m, n], dtype);
  const wide = wideOf(n);
  const count = util.sizeFromShape(batch);
  if (count * m * n === 0) return output.info;

  const [offsetsA, offsetsB] = [offsets(batchA, batch), offsets(batchB, batch)];
  const [fromA, fromB] = [heap.address(a), heap.address(b)];
  if (dtype === 'int32') {
    const distances = [
      ...(transposeA ? [4, m * 4] : [k * 4, 4]),
      ...(transposeB ? [4, k * 4] : [n * 4, 4]),
    ];
    for (let i = 0; i < count; i++) {
      const [left, right] = [fromA + offsetsA[i]! * m * k * 4, fromB + offsetsB[i]! * k * n * 4];
      const y = output.address + i * m * n * 4;
      heap.run('product_i32', m, [left, right, y, n, k, ...distances]);
    }
    return output.info;
  }
  const offset = bias ? heap.address(bias) : null;
  if (m === 1 && !transposeB) {
    for (let i = 0; i < count; i++) {
      const [row, matrix] = [fromA + offsetsA[i]! * k * 4, fromB + offsetsB[i]! * k * n * 4];
      const tensors = [row, matrix, offset ?? 0, output.address + i * n * 4];
      heap.run('rowProduct_f32', Math.ceil(n / ROW_COLUMNS), [...tensors, k, n, ...bounds]);
    }
    return output.info;
  }
  const pack = (right: number, to: number) => {
    const panels = Math.ceil(n / wide);
    if (transposeB) heap.run('packTaps_f32', panels, [right, to, 1, n, k, 0, 0, 1, 1, wide]);
    else packPanels(heap, right, to, k, n, wide);
  };
  const product = (rows: number, packed: number, packedBias: number) => {
    for (let i = 0; i < count; i++) {
      const left = fromA + offsetsA[i]! * m * k * 4;
      if (transposeA && (i === 0 || offsetsA[i] !== offsetsA[i - 1])) {
        heap.run('transpose_f32', Math.ceil(m / 4), [left, rows, k, m]);
      }
      if (i > 0 && offsetsB[i] !== offsetsB[i - 1]) {
        pack(fromB + offsetsB[i]! * k * n * 4, packed);
      }
      // A product is a convolution with a 1×1 kernel of an image of one row, m pixels of k channels.
      const y = output.address + i * m * n * 4;
      runConvolution(heap, wide, [transposeA ? rows : left, packed, packedBias, y], m, n, [
        ...[1, m, 0, 0, k * 4, 0, 0, n * 4, 1, k, 0, n, ...bounds],
      ]);
    }
  };
  // One matrix for all, such as a layer's kernel, stays packed.
  const source = offsetsB.every((place) => place === 0) ? fromB : null;
  const kind = transposeB ? 'transposed' : `panels ${wide}`;
  const first = (to: number) => pack(fromB + offsetsB[0]! * k * n * 4, to);
  heap.prepared(source, kind, packedBytes(k, n), first, (packed) => {
    withBias(heap, offset, n, (packedBias) => {
      heap.scratch([transposeA ? m * k * 4 : 0], ([rows]) => product(rows!, packed, packedBias));
    });
  });
  return output.info;
}

/** The rows and columns of a matrix as it is multiplied. */
function sides({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** For each matrix of the result, the one of an operand whose leading axes `shape` broadcast. */
function offsets(shape: number[], batch: number[]): number[] {
  const padded = [...Array(batch.length - shape.length).fill(1), ...shape] as number[];
  return Array.from({ length: util.sizeFromShape(batch) }, (_, index) => {
    let [rest, offset, stride] = [index, 0, 1];
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const position = rest % batch[axis]!;
      rest = Math.floor(rest / batch[axis]!);
      if (padded[axis] !== 1) offset += position * stride;
      stride *= padded[axis]!;
    }
    return offset;
  });
}
