import { concat, reshape, sum, type Tensor4D } from '@tensorflow/tfjs-core';

/** How often rows and columns are repeated. */
export type Factors = readonly [rows: number, columns: number];

/**
 * Repeats every pixel: `[b, h, w, c] → [b, h·r, w·s, c]`. By `concat`, which copies whole runs;
 * `tile` and broadcasting are many times slower on WASM and CPU.
 */
export function repeat(x: Tensor4D, [r, s]: Factors): Tensor4D {
  const [b, h, w, c] = x.shape;
  const pixels = reshape(x, [b * h * w, c]);
  const rows = reshape(concat(Array(s).fill(pixels), 1), [b * h, w * s * c]);
  return reshape(concat(Array(r).fill(rows), 1), [b, h * r, w * s, c]);
}

/** Sums blocks of r×s pixels: `[b, h·r, w·s, c] → [b, h, w, c]`, the adjoint of {@link repeat}. */
export function sumBlocks(y: Tensor4D, [r, s]: Factors): Tensor4D {
  const [b, height, width, c] = y.shape;
  const [h, w] = [height / r, width / s];
  const rows = sum(reshape(y, [b * h, r, width * c]), 1);
  return reshape(sum(reshape(rows, [b * h * w, s, c]), 1), [b, h, w, c]);
}
