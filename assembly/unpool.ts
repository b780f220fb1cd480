// The reversal of max pooling, by the places that it took. Windows are those of `maxPool_f32`, and so
// are the arguments; a place is (h·width + w)·channels + c, without the batch.
import { tiles, wholeWindows } from './pool';
import { loadPart, storePart } from './simd';

/**
 * y = Σ over windows of x at the window's place, 0 elsewhere; nothing of a window whose place is not
 * one of its own cells. Windows that don't overlap write their cells, others add to them.
 * A slice is one image.
 */
export function maxUnpool_f32(
  x: usize, indices: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const image = pixel * width * height;
  const windows = pixel * outWidth * outHeight;
  const row = pixel * width;
  const apart = kernelRows <= strideRow && kernelColumns <= strideColumn;
  const tiled = tiles(height, outHeight, kernelRows, strideRow, top) &&
    tiles(width, outWidth, kernelColumns, strideColumn, left);
  const first = (left + strideColumn - 1) / strideColumn;
  const whole = min(outWidth, wholeWindows(width, kernelColumns, strideColumn, left)) - first;
  for (let n = begin; n < end; n++) {
    const to = y + (<usize>n) * image;
    let from = x + (<usize>n) * windows;
    let place = indices + (<usize>n) * windows;
    if (!tiled) memory.fill(to, 0, image);
    for (let i = 0; i < outHeight; i++) {
      const h = i * strideRow - top;
      const h0 = max(0, h);
      const rows = min(height, h + kernelRows) - h0;
      const inside = apart && rows == 2 && kernelColumns == 2 ? whole : 0;
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideColumn - left;
        const w0 = max(0, w);
        if (j == first && inside > 0) {
          const cell = (h0 * width + w0) * channels;
          put2x2(from, place, to + (<usize>cell) * 4, cell, inside, strideColumn, channels, row);
          from += pixel * inside;
          place += pixel * inside;
          j += inside - 1;
          continue;
        }
        const columns = min(width, w + kernelColumns) - w0;
        for (let a = h0; a < h0 + rows; a++) {
          for (let b = w0; b < w0 + columns; b++) {
            const cell = (a * width + b) * channels;
            const at = to + (<usize>cell) * 4;
            if (apart) memory.fill(at, 0, pixel);
            addWhere(from, place, at, cell, pixel);
          }
        }
        from += pixel;
        place += pixel;
      }
    }
  }
}

/** For windows of 2×2 cells side by side, each cell = x[c] where indices[c] is its place, else 0. */
// @ts-ignore: decorator
@inline
function put2x2(
  x: usize, indices: usize, y: usize, cell: i32, count: i32, stride: i32, channels: i32, row: usize,
): void {
  const pixel = (<usize>channels) * 4;
  const right = i32x4.splat(channels);
  const down = i32x4.splat(<i32>(row / 4));
  const step = i32x4.splat(channels * stride);
  let first = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  for (; count > 0; count--) {
    let to = y;
    let own = first;
    const stop = x + pixel;
    for (const last = x + (pixel & ~15); x < last; x += 16, to += 16, indices += 16) {
      putPart(true, x, indices, to, own, right, down, pixel, row);
      own = i32x4.add(own, i32x4.splat(4));
    }
    for (; x < stop; x += 4, to += 4, indices += 4) {
      putPart(false, x, indices, to, own, right, down, pixel, row);
      own = i32x4.add(own, i32x4.splat(1));
    }
    y += pixel * stride;
    first = i32x4.add(first, step);
  }
}

// @ts-ignore: decorator
@inline
function putPart(
  whole: bool, x: usize, indices: usize, y: usize,
  first: v128, right: v128, down: v128, pixel: usize, row: usize,
): void {
  const value = loadPart(whole, x);
  const place = i32x4.sub(loadPart(whole, indices), first);
  const below = y + row;
  const zero = i32x4.splat(0);
  storePart(whole, y, v128.and(value, i32x4.eq(place, zero)));
  storePart(whole, y + pixel, v128.and(value, i32x4.eq(place, right)));
  storePart(whole, below, v128.and(value, i32x4.eq(place, down)));
  storePart(whole, below + pixel, v128.and(value, i32x4.eq(place, i32x4.add(down, right))));
}

/** y[c] += x[c] where indices[c] = cell + c. */
// @ts-ignore: decorator
@inline
function addWhere(x: usize, indices: usize, y: usize, cell: i32, bytes: usize): void {
  let wanted = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    const found = i32x4.eq(v128.load(indices + c), wanted);
    v128.store(y + c, f32x4.add(v128.load(y + c), v128.and(found, v128.load(x + c))));
    wanted = i32x4.add(wanted, i32x4.splat(4));
  }
  for (; c < bytes; c += 4) {
    if (load<i32>(indices + c) == cell + <i32>(c / 4)) {
      store<f32>(y + c, load<f32>(y + c) + load<f32>(x + c));
    }
  }
}

/**
 * The gradient of `maxUnpool_f32`: dx = dy at the window's place, 0 where that is not one of its own
 * cells. A slice is one row of windows.
 */
export function maxUnpoolGrad_f32(
  dy: usize, indices: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const image = pixel * width * height;
  const outRow = pixel * outWidth;
  const row = pixel * width;
  const first = (left + strideColumn - 1) / strideColumn;
  const whole = min(outWidth, wholeWindows(width, kernelColumns, strideColumn, left)) - first;
  for (let slice = begin; slice < end; slice++) {
    const from = dy + (<usize>(slice / outHeight)) * image;
    let to = dx + (<usize>slice) * outRow;
    let place = indices + (<usize>slice) * outRow;
    const h = (slice % outHeight) * strideRow - top;
    const h0 = max(0, h);
    const rows = min(height, h + kernelRows) - h0;
    const inside = rows == 2 && kernelColumns == 2 ? whole : 0;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      const w0 = max(0, w);
      if (j == first && inside > 0) {
        const cell = (h0 * width + w0) * channels;
        take2x2(from + (<usize>cell) * 4, place, to, cell, inside, strideColumn, channels, row);
        to += pixel * inside;
        place += pixel * inside;
        j += inside - 1;
        continue;
      }
      const columns = min(width, w + kernelColumns) - w0;
      memory.fill(to, 0, pixel);
      for (let a = h0; a < h0 + rows; a++) {
        for (let b = w0; b < w0 + columns; b++) {
          const cell = (a * width + b) * channels;
          takeWhere(from + (<usize>cell) * 4, place, to, cell, pixel);
        }
      }
      to += pixel;
      place += pixel;
    }
  }
}

/** For windows of 2×2 cells side by side, x[c] = the cell whose place is indices[c], 0 where none is. */
// @ts-ignore: decorator
@inline
function take2x2(
  y: usize, indices: usize, x: usize, cell: i32, count: i32, stride: i32, channels: i32, row: usize,
): void {
  const pixel = (<usize>channels) * 4;
  const right = i32x4.splat(channels);
  const down = i32x4.splat(<i32>(row / 4));
  const step = i32x4.splat(channels * stride);
  let first = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  for (; count > 0; count--) {
    let from = y;
    let own = first;
    const stop = x + pixel;
    for (const last = x + (pixel & ~15); x < last; x += 16, from += 16, indices += 16) {
      takePart(true, from, indices, x, own, right, down, pixel, row);
      own = i32x4.add(own, i32x4.splat(4));
    }
    for (; x < stop; x += 4, from += 4, indices += 4) {
      takePart(false, from, indices, x, own, right, down, pixel, row);
      own = i32x4.add(own, i32x4.splat(1));
    }
    y += pixel * stride;
    first = i32x4.add(first, step);
  }
}

// @ts-ignore: decorator
@inline
function takePart(
  whole: bool, y: usize, indices: usize, x: usize,
  first: v128, right: v128, down: v128, pixel: usize, row: usize,
): void {
  const place = i32x4.sub(loadPart(whole, indices), first);
  const below = y + row;
  const a = v128.and(loadPart(whole, y), i32x4.eq(place, i32x4.splat(0)));
  const b = v128.and(loadPart(whole, y + pixel), i32x4.eq(place, right));
  const c = v128.and(loadPart(whole, below), i32x4.eq(place, down));
  const d = v128.and(loadPart(whole, below + pixel), i32x4.eq(place, i32x4.add(down, right)));
  storePart(whole, x, v128.or(v128.or(a, b), v128.or(c, d)));
}

/** x[c] = y[c] where indices[c] = cell + c; x must be 0, which it stays elsewhere. */
// @ts-ignore: decorator
@inline
function takeWhere(y: usize, indices: usize, x: usize, cell: i32, bytes: usize): void {
  let wanted = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    const found = i32x4.eq(v128.load(indices + c), wanted);
    v128.store(x + c, v128.or(v128.load(x + c), v128.and(found, v128.load(y + c))));
    wanted = i32x4.add(wanted, i32x4.splat(4));
  }
  for (; c < bytes; c += 4) {
    if (load<i32>(indices + c) == cell + <i32>(c / 4)) store<f32>(x + c, load<f32>(y + c));
  }
}
