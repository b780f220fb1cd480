// Max pooling with the places of the maxima. Windows are those of `maxPool_f32`.
import { wholeWindows } from './pool';
import { loadPart, storePart } from './simd';

/**
 * y = the maximum of each window; NaN where one of its cells is NaN. indices = the place of the first
 * cell that holds it: (h·width + w)·channels + c, and n·height·width·channels more when `withBatch`;
 * among NaN, the first; 0 of an empty window. A slice is one row of windows.
 */
export function argmaxPool_f32(
  x: usize, y: usize, indices: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  withBatch: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const first = (left + strideColumn - 1) / strideColumn;
  const whole = min(outWidth, wholeWindows(width, kernelColumns, strideColumn, left)) - first;
  for (let slice = begin; slice < end; slice++) {
    const n = slice / outHeight;
    const h = (slice % outHeight) * strideRow - top;
    const h0 = max(0, h);
    const rows = max(0, min(height, h + kernelRows) - h0);
    const image = x + (<usize>n) * row * height;
    const base = withBatch ? n * height * width * channels : 0;
    const inside = rows == 2 && kernelColumns == 2 ? whole : 0;
    let to = y + (<usize>slice) * pixel * outWidth;
    let place = indices + (<usize>slice) * pixel * outWidth;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      const w0 = max(0, w);
      const cell = h0 * width + w0;
      const from = image + (<usize>cell) * pixel;
      const own = base + cell * channels;
      if (j == first && inside > 0) {
        if (numbers2x2(from, to, place, own, inside, strideColumn, channels, row)) {
          to += pixel * inside;
          place += pixel * inside;
          j += inside - 1;
          continue;
        }
      }
      const columns = max(0, min(width, w + kernelColumns) - w0);
      if (rows * columns) {
        argmaxWindow(from, to, place, own, pixel, row, row * rows, pixel * columns);
      } else {
        for (let c: usize = 0; c < pixel; c += 4) {
          store<f32>(to + c, -Infinity);
          store<i32>(place + c, 0);
        }
      }
      to += pixel;
      place += pixel;
    }
  }
}

/**
 * Windows of 2×2 cells that are inside of the image, side by side; false where there may be a NaN among
 * the cells, and what is written is wrong.
 */
// @ts-ignore: decorator
@inline
function numbers2x2(
  from: usize, to: usize, place: usize, own: i32, count: i32, stride: i32, channels: i32, row: usize,
): bool {
  const pixel = (<usize>channels) * 4;
  const right = i32x4.splat(channels);
  const down = i32x4.splat(<i32>(row / 4));
  const step = i32x4.splat(channels * stride);
  let first = i32x4.add(i32x4.splat(own), i32x4(0, 1, 2, 3));
  // A NaN stays in it; ∞ − ∞ makes one too.
  let sum = f32x4.splat(0);
  for (; count > 0; count--) {
    let a = from;
    let at = first;
    const stop = to + pixel;
    for (const last = to + (pixel & ~15); to < last; to += 16, place += 16, a += 16) {
      sum = f32x4.add(sum, cells2x2(true, a, to, place, at, pixel, row, right, down));
      at = i32x4.add(at, i32x4.splat(4));
    }
    for (; to < stop; to += 4, place += 4, a += 4) {
      sum = f32x4.add(sum, cells2x2(false, a, to, place, at, pixel, row, right, down));
      at = i32x4.add(at, i32x4.splat(1));
    }
    from += pixel * stride;
    first = i32x4.add(first, step);
  }
  return !v128.any_true(f32x4.ne(sum, sum));
}

/** The maximum of numbers and its place; returns their sum. */
// @ts-ignore: decorator
@inline
function cells2x2(
  whole: bool, from: usize, to: usize, place: usize, own: v128,
  pixel: usize, row: usize, right: v128, down: v128,
): v128 {
  const below = from + row;
  const a = loadPart(whole, from);
  const b = loadPart(whole, from + pixel);
  const c = loadPart(whole, below);
  const d = loadPart(whole, below + pixel);
  const above = f32x4.pmax(a, b);
  const under = f32x4.pmax(c, d);
  const whereAbove = v128.and(f32x4.lt(a, b), right);
  const whereUnder = i32x4.add(v128.and(f32x4.lt(c, d), right), down);
  const where = v128.bitselect(whereUnder, whereAbove, f32x4.lt(above, under));
  storePart(whole, to, f32x4.pmax(above, under));
  storePart(whole, place, i32x4.add(where, own));
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

// @ts-ignore: decorator
@inline
function argmaxWindow(
  from: usize, to: usize, place: usize, first: i32,
  pixel: usize, row: usize, windowEnd: usize, rowEnd: usize,
): void {
  const vectors = pixel & ~15;
  let own = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (let c: usize = 0; c < vectors; c += 16) {
    argmaxFour(from + c, to + c, place + c, own, pixel, row, windowEnd, rowEnd);
    own = i32x4.add(own, i32x4.splat(4));
  }
  if (vectors < pixel) {
    argmaxRest(from, to, place, first, vectors, pixel, row, windowEnd, rowEnd);
  }
}

/** Four channels of a window. */
function argmaxFour(
  from: usize, to: usize, place: usize, own: v128,
  pixel: usize, row: usize, windowEnd: usize, rowEnd: usize,
): void {
  let most = v128.load(from);
  let where = i32x4.splat(0);
  for (let i: usize = 0; i < windowEnd; i += row) {
    for (let j: usize = 0; j < rowEnd; j += pixel) {
      const value = v128.load(from + i + j);
      const numbers = f32x4.eq(most, most);
      const taken = v128.and(numbers, v128.not(f32x4.le(value, most)));
      most = v128.bitselect(value, most, taken);
      where = v128.bitselect(i32x4.splat(<i32>((i + j) / 4)), where, taken);
    }
  }
  v128.store(to, most);
  v128.store(place, i32x4.add(where, own));
}

/** The channels from byte `c` on, one by one. */
function argmaxRest(
  from: usize, to: usize, place: usize, first: i32, c: usize,
  pixel: usize, row: usize, windowEnd: usize, rowEnd: usize,
): void {
  for (; c < pixel; c += 4) {
    let most = load<f32>(from + c);
    let where: usize = 0;
    for (let i: usize = 0; i < windowEnd; i += row) {
      for (let j: usize = 0; j < rowEnd; j += pixel) {
        const value = load<f32>(from + c + i + j);
        if (most == most && !(value <= most)) {
          most = value;
          where = i + j;
        }
      }
    }
    store<f32>(to + c, most);
    store<i32>(place + c, first + <i32>((where + c) / 4));
  }
}
