import { backend_util } from '@tensorflow/tfjs-core';
import { explicit } from './convCases.js';

type Pair = [number, number];

/** A pooling's geometry, for the references, and the attributes that tfjs gives its kernels. */
export interface PoolCase {
  title: string;
  shape: [number, number, number, number];
  out: [number, number, number, number];
  window: Pair;
  stride: Pair;
  top: number;
  left: number;
  attrs: {
    filterSize: Pair;
    strides: Pair;
    pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
    dimRoundingMode?: 'floor' | 'ceil';
  };
}

export function poolCase(
  shape: PoolCase['shape'],
  window: Pair,
  stride: Pair,
  pad: PoolCase['attrs']['pad'],
  dimRoundingMode?: 'floor' | 'ceil',
): PoolCase {
  const info = backend_util.computePool2DInfo(shape, window, stride, 1, pad, dimRoundingMode);
  return {
    title: `[${shape}], ${window.join('×')} stride ${stride} pad ${JSON.stringify(pad)}`,
    ...{ shape, window, stride, out: info.outShape as PoolCase['out'] },
    ...{ top: info.padInfo.top, left: info.padInfo.left },
    attrs: { filterSize: window, strides: stride, pad, dimRoundingMode },
  };
}

/** Every window, stride and padding, and channels at the edges of a vector. */
export function poolCases(): PoolCase[] {
  const cases: PoolCase[] = [];
  for (const k of [1, 2, 3, 4]) {
    for (const s of [1, 2, 3]) {
      for (const pad of ['same', 'valid', 1, explicit(0, 1, 2, 0)] as const) {
        cases.push(poolCase([2, 7, 9, 5], [k, k], [s, s], pad, 'floor'));
        cases.push(poolCase([1, 8, 6, 4], [k, 2], [s, 1], pad, 'floor'));
      }
    }
  }
  for (const channels of [1, 3, 4, 5, 7, 8, 9, 39]) {
    for (const k of [2, 3]) cases.push(poolCase([2, 5, 4, channels], [k, k], [2, 2], 'same'));
  }
  for (const size of [1, 2, 3, 4, 5]) {
    cases.push(poolCase([2, size, size, 4], [3, 3], [2, 2], 'same'));
    cases.push(poolCase([2, size, 1, 3], [2, 2], [2, 2], 'same'));
  }
  cases.push(poolCase([0, 4, 4, 3], [2, 2], [2, 2], 'same'));
  cases.push(poolCase([1, 6, 7, 2], [3, 2], [2, 3], 1, 'ceil'));
  // A row and a column of windows without a cell.
  cases.push(poolCase([1, 2, 2, 3], [1, 1], [2, 2], 1, 'floor'));
  return cases;
}

/** Calls `visit` with the places in x of each window's cells, in order, and the window's in y. */
export function eachWindow(c: PoolCase, visit: (cells: number[], window: number) => void): void {
  const [batch, height, width, channels] = c.shape;
  const [, outHeight, outWidth] = c.out;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let ch = 0; ch < channels; ch++) {
          const cells: number[] = [];
          for (let a = 0; a < c.window[0]; a++) {
            for (let b = 0; b < c.window[1]; b++) {
              const h = i * c.stride[0] - c.top + a;
              const w = j * c.stride[1] - c.left + b;
              if (h < 0 || w < 0 || h >= height || w >= width) continue;
              cells.push(((n * height + h) * width + w) * channels + ch);
            }
          }
          visit(cells, ((n * outHeight + i) * outWidth + j) * channels + ch);
        }
      }
    }
  }
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
