import {
  FusedBatchNorm,
  type FusedBatchNormAttrs,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.js';
import { normalize } from './batchNormTrain.js';

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
    const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const addressOf = (t?: Tensor1D) => (t ? heap.address(t) : 0);
    normalize(
      heap,
      heap.address(x),
      y.address,
      [rows, channels],
      [addressOf(mean), addressOf(variance)],
      [addressOf(scale), addressOf(offset)],
      varianceEpsilon,
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    );
    return y.info;
  },
};
