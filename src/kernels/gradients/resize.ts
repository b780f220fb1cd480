import {
  engine,
  matMul,
  ResizeBilinear,
  ResizeNearestNeighbor,
  reshape,
  type Tensor,
  tensor3d,
} from '@tensorflow/tfjs-core';
import type { ResizeAttrs } from '../resizing/resizeInfo.js';
import { type Gradient, runsOurs } from './gradient.js';

/** Where position i of the result lies in an input axis: indices with their weights. */
type Taps = (i: number) => [index: number, weight: number][];

/** The gradient of bilinear resizing on any grid. */
export const resizeBilinear = byMatrices(ResizeBilinear, bilinearTaps);

/** The gradient of nearest resizing on any grid. */
export const resizeNearestNeighbor = byMatrices(ResizeNearestNeighbor, nearestTaps);

/**
 * Stock ignores half-pixel centres. On the CPU it also turns images that are not square, and in a
 * batch takes the first image for all.
 */
function stockIsWrong({ halfPixelCenters }: ResizeAttrs): boolean {
  return halfPixelCenters || engine().backendName === 'cpu';
}

/** dx = rowsᵀ · dy · columns, with the matrices that resize one axis. */
function byMatrices(
  kernelName: string,
  tapsOf: (length: number, outLength: number, attrs: ResizeAttrs) => Taps,
): Gradient {
  return {
    kernelName,
    gradFunc: (dy, [images], attributes) => {
      const attrs = attributes as unknown as ResizeAttrs;
      if (runsOurs() || !stockIsWrong(attrs)) return null;
      const [n, height, width, channels] = images!.shape as [number, number, number, number];
      const [, outHeight, outWidth] = dy.shape as [number, number, number];
      const matrix = (length: number, outLength: number) =>
        transposedMatrix(length, outLength, tapsOf(length, outLength, attrs));
      return {
        images: () => {
          const rows = reshape(dy, [n, outHeight, outWidth * channels]);
          const columns = matMul(matrix(height, outHeight), rows) as Tensor;
          const lines = reshape(columns, [n * height, outWidth, channels]);
          return reshape(matMul(matrix(width, outWidth), lines) as Tensor, images!.shape);
        },
      };
    },
  };
}

function transposedMatrix(length: number, outLength: number, taps: Taps): Tensor {
  const values = new Float32Array(length * outLength);
  for (let i = 0; i < outLength; i++) {
    for (const [index, weight] of taps(i)) values[index * outLength + i]! += weight;
  }
  return tensor3d(values, [1, length, outLength]);
}

/** How far apart neighbours of the result lie in the input. */
function scaleOf(length: number, outLength: number, alignCorners: boolean): number {
  return alignCorners && outLength > 1 ? (length - 1) / (outLength - 1) : length / outLength;
}

function bilinearTaps(length: number, outLength: number, attrs: ResizeAttrs): Taps {
  const scale = scaleOf(length, outLength, attrs.alignCorners);
  return (i) => {
    const at = attrs.halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale;
    const below = Math.max(0, Math.floor(at));
    const above = Math.min(length - 1, Math.ceil(at));
    return [
      [below, 1 - (at - below)],
      [above, at - below],
    ];
  };
}

function nearestTaps(length: number, outLength: number, attrs: ResizeAttrs): Taps {
  const scale = scaleOf(length, outLength, attrs.alignCorners);
  return (i) => {
    const at = attrs.halfPixelCenters ? (i + 0.5) * scale : i * scale;
    const nearest = attrs.alignCorners ? Math.round(at) : Math.floor(at);
    return [[Math.max(0, Math.min(length - 1, nearest)), 1]];
  };
}
