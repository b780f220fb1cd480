import { AvgPool, AvgPoolGrad, engine, mul, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { type PoolAttrs, poolInfo } from '../pooling/poolInfo.js';
import { type Gradient, runsOurs } from './gradient.js';

/**
 * The gradient of average pooling where windows reach into the padding. Stock divides by all cells of
 * a window, so dy is first multiplied by all cells / those inside of the image.
 */
export const avgPool: Gradient = {
  kernelName: AvgPool,
  gradFunc: (dy, [x], attributes) => {
    if (runsOurs() || x!.rank !== 4) return null;
    const attrs = attributes as unknown as PoolAttrs;
    const { sizes, windows, before } = poolInfo(x!.shape, attrs, dy);
    const [height, width, , outHeight, outWidth] = sizes as [
      number,
      number,
      number,
      number,
      number,
    ];
    const [kernelRows, kernelColumns, strideRow, strideColumn] = windows as [
      number,
      number,
      number,
      number,
    ];
    const rows = inside(height, outHeight, kernelRows, strideRow, before[0]!);
    const columns = inside(width, outWidth, kernelColumns, strideColumn, before[1]!);
    const excess = rows.flatMap((r) => {
      return columns.map((c) => (kernelRows * kernelColumns) / Math.max(1, r * c));
    });
    if (excess.every((factor) => factor === 1)) return null;
    return {
      x: () => {
        const scaled = mul(dy, tensor4d(excess, [1, outHeight, outWidth, 1]));
        const inputs = { dy: scaled, input: x! };
        return engine().runKernel(AvgPoolGrad, inputs, attributes) as Tensor;
      },
    };
  },
};

/** How many cells of each window lie inside of the image, along one axis. */
function inside(
  length: number,
  windows: number,
  size: number,
  stride: number,
  before: number,
): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before;
    return Math.max(0, Math.min(length, start + size) - Math.max(0, start));
  });
}
