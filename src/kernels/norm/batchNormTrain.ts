import { type Tensor, type Tensor1D, util } from '@tensorflow/tfjs-core';
import { refuse } from '../../core/args.js';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import { wideRows } from './wideRows.js';

/** The activations that the batch normalisation kernels fuse, as bounds of their output. */
const BOUNDS = {
  linear: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  relu: [0, Number.POSITIVE_INFINITY],
  relu6: [0, 6],
} as const;

export interface BatchNormAttrs {
  epsilon: number;
  activation: keyof typeof BOUNDS;
}

/** Moving averages that a training step moves along: `momentum` is what is kept of them. */
interface MovingAverages {
  movingMean: Tensor1D;
  movingVariance: Tensor1D;
}

/** x […, c] as a matrix: how many rows, how many columns. */
export function rowsOf({ shape }: Tensor): [rows: number, channels: number] {
  const channels = shape.at(-1)!;
  return [util.sizeFromShape(shape) / channels, channels];
}

/** The bounds of an activation's output. */
export function boundsOf(owner: string, activation: BatchNormAttrs['activation']) {
  return (
    BOUNDS[activation] ?? refuse(owner, 'activation', Object.keys(BOUNDS).join(', '), activation)
  );
}

/**
 * Normalises each column with the batch's mean and biased variance, scales, shifts and activates it:
 * x […, c] → [y […, c], mean [c], variance [c]], x not empty. Given moving averages [c] of both, the new ones
 * follow.
 */
export const batchNormTrain: Kernel<
  { x: Tensor; gamma?: Tensor1D; beta?: Tensor1D } & Partial<MovingAverages>,
  BatchNormAttrs & { momentum?: number }
> = {
  kernelName: 'BlocksBatchNormTrain',
  run(heap, inputs, { epsilon, activation, momentum = 0 }) {
    const { x, gamma, beta, movingMean, movingVariance } = inputs;
    float32(this.kernelName, { x });
    const [rows, channels] = rowsOf(x);
    const { count, wide, sliceRows, slices } = wideRows(rows, channels);
    const [y, mean, variance] = [
      heap.output(x.shape),
      heap.output([channels]),
      heap.output([channels]),
    ];
    const averages = movingMean && movingVariance ? [movingMean, movingVariance] : [];
    const moved = averages.map(() => heap.output([channels]));
    const addressOf = (tensor?: Tensor) => (tensor ? heap.address(tensor) : 0);
    const from = heap.address(x);
    const bounds = boundsOf(this.kernelName, activation);
    const sizes = [wide * 4, slices * wide * 8, wide * 12];
    heap.scratch(sizes, ([shift, sums, constants]) => {
      heap.run('bnShift_f32', 1, [from, shift!, rows, channels, wide]);
      heap.run('bnMoments_f32', slices, [from, shift!, sums!, count, wide, sliceRows]);
      heap.run('bnFinish_f32', 1, [
        ...[sums!, shift!, addressOf(gamma), addressOf(beta)],
        ...[addressOf(averages[0]), addressOf(averages[1]), mean.address, variance.address],
        ...[moved[0]?.address ?? 0, moved[1]?.address ?? 0, constants!],
        ...[slices, channels, wide, rows, epsilon, 1 - momentum],
      ]);
      const sliced = [count, wide, sliceRows, ...bounds];
      heap.run('bnNormalize_f32', slices, [from, constants!, y.address, ...sliced]);
    });
    return [y, mean, variance, ...moved].map(({ info }) => info);
  },
};
