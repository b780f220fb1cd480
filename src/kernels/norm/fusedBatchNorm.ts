import {
  FusedBatchNorm,
  type FusedBatchNormAttrs,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { boundsOf, rowsOf } from './batchNormTrain.js';
import { wideRows } from './wideRows.js';

/** x […, c] normalised with given statistics [c]: (x − μ)·γ/√(σ² + ε) + β. Others are left to stock. */
export const fusedBatchNorm: Kernel<
  { x: Tensor; mean: Tensor1D; variance: Tensor1D; offset?: Tensor1D; scale?: Tensor1D },
  FusedBatchNormAttrs
> = {
  kernelName: FusedBatchNorm,
  run(heap, { x, mean, variance, offset, scale }, { varianceEpsilon }) {
    const channels = x.shape.at(-1)!;
    const all = [x, mean, variance, ...(offset ? [offset] : []), ...(scale ? [scale] : [])];
    const ours = all.every((t, i) => {
      return (
        t.dtype === 'float32' && (i === 0 || (t.shape.length === 1 && t.shape[0] === channels))
      );
    });
    if (!ours) return null;
    const y = heap.output(x.shape);
    const [rows] = rowsOf(x);
    const { count, wide, sliceRows, slices } = wideRows(rows, channels);
    const addressOf = (t?: Tensor) => (t ? heap.address(t) : 0);
    heap.scratch([wide * 12], ([constants]) => {
      heap.run('bnConstants_f32', 1, [
        ...[addressOf(mean), addressOf(variance), addressOf(scale), addressOf(offset), constants!],
        ...[channels, wide, varianceEpsilon],
      ]);
      const sliced = [count, wide, sliceRows, ...boundsOf(this.kernelName, 'linear')];
      heap.run('bnNormalize_f32', slices, [addressOf(x), constants!, y.address, ...sliced]);
    });
    return y.info;
  },
};
