// Pooling of [n, h, w, c] over windows.
//
// Window (oh, ow) has its first cell at row oh·strideRow − top and column ow·strideColumn − left; of
// its kernelRows × kernelColumns cells, those outside of the image do not count. An empty window gives
// the identity of its operation: −∞, or 0. Windows of 2×2 and 3×3 cells that are inside have loops of
// their own.
import { loadPart, storePart } from './simd';

const MAX = 0;
const MEAN = 1;
const SUM = 2;

/** y = the maximum of each window; NaN where one of its cells is NaN. A slice is one row of windows. */
export function maxPool_f32(
  x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  pool(
    MAX, x, y, height, width, channels, outHeight, outWidth,
    kernelRows, kernelColumns, strideRow, strideColumn, top, left, begin, end,
  );
}

/** y = the mean of each window's cells inside of the image. A slice is one row of windows. */
export function avgPool_f32(
  x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  pool(
    MEAN, x, y, height, width, channels, outHeight, outWidth,
    kernelRows, kernelColumns, strideRow, strideColumn, top, left, begin, end,
  );
}

/** y = the sum of each window's cells inside of the image. A slice is one row of windows. */
export function sumPool_f32(
  x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  pool(
    SUM, x, y, height, width, channels, outHeight, outWidth,
    kernelRows, kernelColumns, strideRow, strideColumn, top, left, begin, end,
  );
}

// @ts-ignore: decorator
@inline
function pool(
  op: i32, x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const step = pixel * strideColumn;
  const first = (left + strideColumn - 1) / strideColumn;
  const whole = min(outWidth, wholeWindows(width, kernelColumns, strideColumn, left)) - first;
  for (let slice = begin; slice < end; slice++) {
    const h = (slice % outHeight) * strideRow - top;
    const h0 = max(0, h);
    const rows = max(0, min(height, h + kernelRows) - h0);
    const line = x + ((<usize>(slice / outHeight)) * height + h0) * row;
    const size = rows == kernelRows && rows == kernelColumns && whole > 0 ? rows : 0;
    let to = y + (<usize>slice) * pixel * outWidth;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      if (j == first && (size == 2 || size == 3)) {
        const from = line + pixel * w;
        if (size == 2) windows(op, 2, from, to, whole, pixel, row, step);
        else windows(op, 3, from, to, whole, pixel, row, step);
        to += pixel * whole;
        j += whole - 1;
      } else {
        const w0 = max(0, w);
        const columns = rows ? max(0, min(width, w + kernelColumns) - w0) : 0;
        anyWindow(op, line + pixel * w0, to, pixel, row, row * rows, pixel * columns, rows * columns);
        to += pixel;
      }
    }
  }
}

/** Windows before the first that reaches beyond the end of an axis. */
// @ts-ignore: decorator
@inline
export function wholeWindows(length: i32, kernel: i32, stride: i32, before: i32): i32 {
  const last = length - kernel + before;
  return last < 0 ? 0 : last / stride + 1;
}

/** Whether every position of an axis belongs to one window. */
// @ts-ignore: decorator
@inline
export function tiles(length: i32, count: i32, kernel: i32, stride: i32, before: i32): bool {
  return kernel == stride && count * stride - before >= length;
}

/** f32x4.max is seven instructions, and pmax forgets the NaN of one operand. */
// @ts-ignore: decorator
@inline
function joined(op: i32, a: v128, b: v128): v128 {
  if (op == MAX) return v128.or(f32x4.pmax(a, b), f32x4.pmax(b, a));
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function finished(op: i32, value: v128, shares: v128): v128 {
  return op == MEAN ? f32x4.mul(value, shares) : value;
}

/** Windows of size × size cells, 2 or 3, that are inside of the image. */
// @ts-ignore: decorator
@inline
function windows(
  op: i32, size: i32, from: usize, to: usize, count: i32, pixel: usize, row: usize, step: usize,
): void {
  const shares = f32x4.splat(<f32>(size == 2 ? 1.0 / 4 : 1.0 / 9));
  for (; count > 0; count--, from += step) {
    let a = from;
    const stop = to + pixel;
    for (const vectorEnd = to + (pixel & ~15); to < vectorEnd; to += 16, a += 16) {
      if (size == 2) cells2x2(op, true, a, to, pixel, row, shares);
      else cells3x3(op, true, a, to, pixel, row, shares);
    }
    for (; to < stop; to += 4, a += 4) {
      if (size == 2) cells2x2(op, false, a, to, pixel, row, shares);
      else cells3x3(op, false, a, to, pixel, row, shares);
    }
  }
}

// @ts-ignore: decorator
@inline
function cells2x2(
  op: i32, whole: bool, a: usize, to: usize, pixel: usize, row: usize, shares: v128,
): void {
  const b = a + row;
  const above = joined(op, loadPart(whole, a), loadPart(whole, a + pixel));
  const below = joined(op, loadPart(whole, b), loadPart(whole, b + pixel));
  storePart(whole, to, finished(op, joined(op, above, below), shares));
}

// @ts-ignore: decorator
@inline
function cells3x3(
  op: i32, whole: bool, a: usize, to: usize, pixel: usize, row: usize, shares: v128,
): void {
  const first = three(op, whole, a, pixel);
  const second = three(op, whole, a + row, pixel);
  const third = three(op, whole, a + row * 2, pixel);
  storePart(whole, to, finished(op, joined(op, joined(op, first, second), third), shares));
}

// @ts-ignore: decorator
@inline
function three(op: i32, whole: bool, a: usize, pixel: usize): v128 {
  const b = a + pixel;
  return joined(op, joined(op, loadPart(whole, a), loadPart(whole, b)), loadPart(whole, b + pixel));
}

/** A window of `cells` cells: rows up to `windowEnd` bytes, of cells up to `rowEnd` bytes. */
// @ts-ignore: decorator
@inline
function anyWindow(
  op: i32, from: usize, to: usize,
  pixel: usize, row: usize, windowEnd: usize, rowEnd: usize, cells: i32,
): void {
  const shares = f32x4.splat(1 / <f32>max(1, cells));
  const stop = to + pixel;
  for (const vectorEnd = to + (pixel & ~15); to < vectorEnd; to += 16, from += 16) {
    anyCells(op, true, from, to, pixel, row, windowEnd, rowEnd, shares);
  }
  for (; to < stop; to += 4, from += 4) {
    anyCells(op, false, from, to, pixel, row, windowEnd, rowEnd, shares);
  }
}

// @ts-ignore: decorator
@inline
function anyCells(
  op: i32, whole: bool, from: usize, to: usize,
  pixel: usize, row: usize, windowEnd: usize, rowEnd: usize, shares: v128,
): void {
  let value = f32x4.splat(op == MAX ? -Infinity : 0);
  for (const stop = from + windowEnd; from < stop; from += row) {
    for (let k: usize = 0; k < rowEnd; k += pixel) value = joined(op, value, loadPart(whole, from + k));
  }
  storePart(whole, to, finished(op, value, shares));
}
