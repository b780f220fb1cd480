import type { TensorInfo } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';
import type { Heap, Output } from '../runtime/heap.js';

/** The grid of a resize. */
export interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** Sizes and scales as the functions of assembly/resize.ts take them, for an input and a result. */
export function resizeInfo(input: number[], result: number[], attrs: ResizeAttrs) {
  const [batch, height, width, channels] = input as [number, number, number, number];
  const [, outHeight, outWidth] = result as [number, number, number];
  const scale = (length: number, outLength: number) =>
    attrs.alignCorners && outLength > 1 ? (length - 1) / (outLength - 1) : length / outLength;
  const half = Number(attrs.halfPixelCenters);
  const scaleRow = scale(height, outHeight);
  return {
    ...{ batch, height, width, channels, outHeight, outWidth, half, scaleRow },
    sizes: [height, width, channels, outHeight, outWidth],
    rows: [height, outHeight, scaleRow, half],
    columns: [width, outWidth, scale(width, outWidth), half],
  };
}

/** Whether both axes of images become twice as long, as nearly all resizing does, not by their corners. */
export function doubles(
  { height, width, outHeight, outWidth }: ReturnType<typeof resizeInfo>,
  { alignCorners }: ResizeAttrs,
): boolean {
  return outHeight === 2 * height && outWidth === 2 * width && !alignCorners;
}

/** Writes the gradient of a resize to dx; `kind` as in assembly/resize.ts, 0 for linear interpolation. */
export function resizeGradient(
  heap: Heap,
  dy: number,
  dx: Output,
  info: ReturnType<typeof resizeInfo>,
  kind: number,
): void {
  const { batch, height, width, channels, outHeight, outWidth } = info;
  const table = (length: number, outLength: number) => (length + 1) * 4 + outLength * 16;
  heap.scratch([table(height, outHeight), table(width, outWidth)], ([rows, columns]) => {
    heap.run('resizeShares_f32', 1, [rows!, ...info.rows, kind]);
    heap.run('resizeShares_f32', 1, [columns!, ...info.columns, kind]);
    heap.run(
      'resizeGrad_f32',
      batch * height,
      [dy, dx.address, rows!, columns!, ...info.sizes],
      Math.max(outWidth * channels * 4, 4),
    );
  });
}

/** Refuses a gradient of another batch or other channels than the images'. */
export function checkResizeGradient(owner: string, images: TensorInfo, dy: TensorInfo): void {
  if (dy.shape[0] !== images.shape[0] || dy.shape[3] !== images.shape[3]) {
    throw new OptionError(
      `${owner}: dy must have the batch and the channels of the images, ${show(images.shape)}, ` +
        `got ${show(dy.shape)}`,
    );
  }
}
