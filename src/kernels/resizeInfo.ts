import type { TensorInfo } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../core/args.js';

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
  const scaleColumn = scale(width, outWidth);
  return {
    ...{ batch, outHeight, half, scaleRow: scale(height, outHeight), scaleColumn },
    sizes: [height, width, channels, outHeight, outWidth],
    /** For the table of columns, 8 bytes each. */
    columns: [width, outWidth, scaleColumn, half],
    ...{ tableBytes: outWidth * 8, lineBytes: width * channels * 4 },
  };
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
