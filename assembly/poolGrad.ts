// The gradients of pooling; windows are those of `maxPool_f32`.
import { tiles, wholeWindows } from './pool';
import { loadPart, mulAdd, storePart } from './simd';

/**
 * The gradient of `maxPool_f32`: dx = Σ over windows of dy at the window's first cell that is not
 * less than its maximum y. Windows that don't overlap write their cells, others add to them. A slice is
 * one image.
 */
export function maxPoolGrad_f32(
  x: usize, y: usize, dy: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const image = row * height;
  const outImage = pixel * outWidth * outHeight;
  const apart = kernelRows <= strideRow && kernelColumns <= strideColumn;
  const tiled = tiles(height, outHeight, kernelRows, strideRow, top) &&
    tiles(width, outWidth, kernelColumns, strideColumn, left);
  for (let n = begin; n < end; n++) {
    const xImage = x + (<usize>n) * image;
    const dxImage = dx + (<usize>n) * image;
    let yPixel = y + (<usize>n) * outImage;
    let dyPixel = dy + (<usize>n) * outImage;
    if (!tiled) memory.fill(dxImage, 0, image);
    for (let i = 0; i < outHeight; i++) {
      const h = i * strideRow - top;
      const h0 = max(0, h);
      const rows = min(height, h + kernelRows) - h0;
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideColumn - left;
        const w0 = max(0, w);
        const columns = min(width, w + kernelColumns) - w0;
        if (rows > 0 && columns > 0) {
          const first = (<usize>(h0 * width + w0)) * pixel;
          const from = xImage + first;
          const to = dxImage + first;
          const windowEnd = row * rows;
          if (apart && rows == 2 && columns == 2) {
            scatter2x2(from, to, yPixel, dyPixel, pixel, row);
          } else if (tiled) {
            for (let k: usize = 0; k < windowEnd; k += row) memory.fill(to + k, 0, pixel * columns);
            scatter(0, from, to, yPixel, dyPixel, pixel, windowEnd, pixel * columns, row);
          } else if (columns == 3) {
            scatter(3, from, to, yPixel, dyPixel, pixel, windowEnd, 0, row);
          } else if (columns == 2) {
            scatter(2, from, to, yPixel, dyPixel, pixel, windowEnd, 0, row);
          } else {
            scatter(0, from, to, yPixel, dyPixel, pixel, windowEnd, pixel * columns, row);
          }
        }
        yPixel += pixel;
        dyPixel += pixel;
      }
    }
  }
}

/** Writes the four cells of a window: dy at the first that is not less than the maximum, else 0. */
// @ts-ignore: decorator
@inline
function scatter2x2(
  from: usize, to: usize, y: usize, dy: usize, pixel: usize, row: usize,
): void {
  const stop = to + pixel;
  for (const last = to + (pixel & ~15); to < last; to += 16, from += 16, y += 16, dy += 16) {
    scatterPart(true, from, to, y, dy, pixel, row);
  }
  for (; to < stop; to += 4, from += 4, y += 4, dy += 4) {
    scatterPart(false, from, to, y, dy, pixel, row);
  }
}

// @ts-ignore: decorator
@inline
function scatterPart(
  whole: bool, from: usize, to: usize, y: usize, dy: usize, pixel: usize, row: usize,
): void {
  const most = loadPart(whole, y);
  const below = from + row;
  let left = loadPart(whole, dy);
  let less = f32x4.lt(loadPart(whole, from), most);
  const a = v128.andnot(left, less);
  left = v128.and(left, less);
  less = f32x4.lt(loadPart(whole, from + pixel), most);
  const b = v128.andnot(left, less);
  left = v128.and(left, less);
  less = f32x4.lt(loadPart(whole, below), most);
  const c = v128.andnot(left, less);
  left = v128.and(left, less);
  less = f32x4.lt(loadPart(whole, below + pixel), most);
  storePart(whole, to, a);
  storePart(whole, to + pixel, b);
  storePart(whole, to + row, c);
  storePart(whole, to + row + pixel, v128.andnot(left, less));
}

/** `columns` is the number of cells in a row where it is known, else 0 and `rowEnd` their bytes. */
// @ts-ignore: decorator
@inline
function scatter(
  columns: i32, from: usize, to: usize, y: usize, dy: usize,
  pixel: usize, windowEnd: usize, rowEnd: usize, row: usize,
): void {
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    const most = v128.load(y + c);
    let left = v128.load(dy + c);
    let a = from + c;
    let b = to + c;
    for (const stop = a + windowEnd; a < stop; a += row, b += row) {
      if (columns) {
        left = claim(a, b, most, left);
        left = claim(a + pixel, b + pixel, most, left);
        if (columns == 3) left = claim(a + pixel * 2, b + pixel * 2, most, left);
      } else {
        for (let k: usize = 0; k < rowEnd; k += pixel) left = claim(a + k, b + k, most, left);
      }
    }
  }
  const bytes = columns ? pixel * columns : rowEnd;
  for (; c < pixel; c += 4) {
    const most = load<f32>(y + c);
    let claimed = false;
    for (let i = c; !claimed && i < windowEnd; i += row) {
      for (let at = i; at < i + bytes; at += pixel) {
        if (!(load<f32>(from + at) < most)) {
          store<f32>(to + at, load<f32>(to + at) + load<f32>(dy + c));
          claimed = true;
          break;
        }
      }
    }
  }
}

/** Adds what is left of dy where the cell is not less than the maximum, and returns the rest of it. */
// @ts-ignore: decorator
@inline
function claim(x: usize, dx: usize, most: v128, left: v128): v128 {
  const less = f32x4.lt(v128.load(x), most);
  v128.store(dx, f32x4.add(v128.load(dx), v128.andnot(left, less)));
  return v128.and(left, less);
}

/**
 * The gradient of `avgPool_f32`: dx = Σ over the windows of a cell of dy / the number of the window's
 * cells inside of the image. scratch: outWidth · channels floats. A slice is one row of cells.
 */
export function avgPoolGrad_f32(
  dy: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const outRow = pixel * outWidth;
  const firstWhole = (left + strideColumn - 1) / strideColumn;
  const whole = min(outWidth, wholeWindows(width, kernelColumns, strideColumn, left));
  const small = strideColumn == 2 && (kernelColumns == 2 || kernelColumns == 3);
  for (let slice = begin; slice < end; slice++) {
    const image = dy + (<usize>(slice / height)) * outRow * outHeight;
    const h = (slice % height) + top;
    const firstRow = max(0, (h - kernelRows + strideRow) / strideRow);
    const lastRow = min(outHeight - 1, h / strideRow);
    const to = dx + (<usize>slice) * pixel * width;
    if (firstRow > lastRow) {
      memory.fill(to, 0, pixel * width);
      continue;
    }
    // The rows of windows over this row of cells, added up.
    let line = image + (<usize>firstRow) * outRow;
    let share = rowShare(firstRow, height, kernelRows, strideRow, top);
    if (firstRow < lastRow) {
      scale(scratch, line, share, outRow);
      for (let i = firstRow + 1; i <= lastRow; i++) {
        const from = image + (<usize>i) * outRow;
        addScaled(scratch, from, rowShare(i, height, kernelRows, strideRow, top), outRow);
      }
      line = scratch;
      share = 1;
    }
    let written = 0;
    for (let j = 0; j < outWidth; j++, line += pixel) {
      const w = j * strideColumn - left;
      const w0 = max(0, w);
      const columns = min(width, w + kernelColumns) - w0;
      if (columns <= 0) continue;
      if (w0 > written) {
        memory.fill(to + pixel * written, 0, pixel * (w0 - written));
        written = w0;
      }
      const part = share / <f32>columns;
      const cell = to + pixel * w0;
      const again = written - w0;
      if (small && j > firstWhole && j < whole) {
        // All windows that are inside but the first.
        const more = whole - 1 - j;
        if (columns == 2) spread(2, line, cell, pixel, more + 1, part);
        else spread(3, line, cell, pixel, more + 1, part);
        written = w0 + columns + more * 2;
        line += pixel * more;
        j += more;
      } else {
        for (let k = 0; k < columns; k++) {
          if (k < again) addScaled(cell + pixel * k, line, part, pixel);
          else scale(cell + pixel * k, line, part, pixel);
        }
      }
      written = max(written, w0 + columns);
    }
    if (written < width) memory.fill(to + pixel * written, 0, pixel * (width - written));
  }
}

/** 1 / the rows of a window inside of the image. */
// @ts-ignore: decorator
@inline
function rowShare(i: i32, height: i32, kernelRows: i32, stride: i32, top: i32): f32 {
  const start = i * stride - top;
  return 1 / <f32>(min(height, start + kernelRows) - max(0, start));
}

/** to = from · factor. */
function scale(to: usize, from: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  const stop = to + bytes;
  for (const last = to + (bytes & ~15); to < last; to += 16, from += 16) {
    v128.store(to, f32x4.mul(v128.load(from), factors));
  }
  for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(from) * factor);
}

/** to += from · factor. */
function addScaled(to: usize, from: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  const stop = to + bytes;
  for (const last = to + (bytes & ~15); to < last; to += 16, from += 16) {
    v128.store(to, mulAdd(v128.load(to), v128.load(from), factors));
  }
  for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from) * factor);
}

/**
 * Windows of `size` columns, 2 or 3, each two cells after the one before, which is of that kind too:
 * their cells = the sum of from · factor over the windows that hold them.
 */
// @ts-ignore: decorator
@inline
function spread(
  size: i32, from: usize, cell: usize, pixel: usize, count: i32, factor: f32,
): void {
  const factors = f32x4.splat(factor);
  for (; count > 0; count--, cell += pixel) {
    const stop = from + pixel;
    for (const last = from + (pixel & ~15); from < last; from += 16, cell += 16) {
      spreadPart(size, true, from, cell, pixel, factors);
    }
    for (; from < stop; from += 4, cell += 4) {
      spreadPart(size, false, from, cell, pixel, factors);
    }
  }
  // The third cell of the last window.
  if (size == 3) scale(cell, from - pixel, factor, pixel);
}

// @ts-ignore: decorator
@inline
function spreadPart(
  size: i32, whole: bool, from: usize, cell: usize, pixel: usize, factors: v128,
): void {
  const part = f32x4.mul(loadPart(whole, from), factors);
  const before = size == 3 ? f32x4.mul(loadPart(whole, from - pixel), factors) : part;
  storePart(whole, cell, size == 3 ? f32x4.add(before, part) : part);
  storePart(whole, cell + pixel, part);
}
