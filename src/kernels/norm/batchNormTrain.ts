import { type Tensor, type Tensor1D, util } from '@tensorflow/tfjs-core';
import { refuse } from '../../core/args.js';
import { float32 } from '../convolution/convInfo.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
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
    const moving = [
      ...averages.map((average) => heap.address(average)),
      ...moved.map(({ address }) => address),
    ];
    const from = heap.address(x);
    heap.scratch([wide * 4, slices * wide * 8], ([shift, sums]) => {
      heap.run('bnShift_f32', 1, [from, shift!, rows, channels, wide]);
      heap.run('bnMoments_f32', slices, [from, shift!, sums!, count, wide, sliceRows]);
      heap.run('bnFinish_f32', 1, [
        ...[sums!, shift!, mean.address, variance.address],
        ...(moving.length > 0 ? moving : [0, 0, 0, 0]),
        ...[slices, channels, wide, rows, 1 - momentum],
      ]);
    });
    const statistics = [mean.address, variance.address] as const;
    const affine = [gamma ? heap.address(gamma) : 0, beta ? heap.address(beta) : 0] as const;
    const bounds = boundsOf(this.kernelName, activation);
    normalize(heap, from, y.address, [rows, channels], statistics, affine, epsilon, bounds);
    return [y, mean, variance, ...moved].map(({ info }) => info);
  },
};

/** y = (x − μ)·γ/√(σ² + ε) + β within bounds, for the addresses of x, y, [μ, σ²] and [γ, β] (0: none). */
export function normalize(
  heap: Heap,
  x: number,
  y: number,
  [rows, channels]: [number, number],
  [mean, variance]: readonly [number, number],
  [gamma, beta]: readonly [number, number],
  epsilon: number,
  bounds: readonly [number, number],
): void {
  const { count, wide, sliceRows, slices } = wideRows(rows, channels);
  heap.scratch([wide * 12], ([constants]) => {
    const affine = [mean, variance, gamma, beta, constants!];
    heap.run('bnConstants_f32', 1, [...affine, channels, wide, epsilon]);
    heap.run('bnNormalize_f32', slices, [x, constants!, y, count, wide, sliceRows, ...bounds]);
  });
}
