// Resizing of [n, h, w, c] and its gradients. Position i of an axis of the result lies at `scale`·i of the
// input or, with half-pixel centres, at `scale`·(i + ½) − ½. Positions are computed in float64.
import { mulAdd } from './simd';

// @ts-ignore: decorator
@inline
function positionOf(i: i32, scale: f64, half: i32): f64 {
  return half ? max<f64>(0, (<f64>i + 0.5) * scale - 0.5) : <f64>i * scale;
}

// @ts-ignore: decorator
@inline
function nearestOf(i: i32, scale: f64, half: i32, round: i32, length: i32): i32 {
  const at = half ? (<f64>i + 0.5) * scale : <f64>i * scale;
  return min(length - 1, <i32>floor<f64>(round ? at + 0.5 : at));
}

/**
 * For each position of an axis of the result: the index below it in the input, and how far beyond that
 * it lies, as i32 and f32. One slice.
 */
export function resizeTable_f32(
  table: usize, length: i32, outLength: i32, scale: f64, half: i32, begin: i32, end: i32,
): void {
  for (let i = 0; i < outLength; i++) {
    const at = positionOf(i, scale, half);
    const below = min(length - 1, <i32>at);
    store<i32>(table + (<usize>i) * 8, below);
    store<f32>(table + (<usize>i) * 8, below + 1 < length ? <f32>(at - below) : 0, 4);
  }
}

/**
 * The gradient of a bilinear resize: dy goes to the four pixels around each position, by distance.
 * `table` is that of the columns. Each row of dy is first gathered to the input's width, then
 * shared by two rows of dx. scratch: width · channels floats a slice. A slice is one image.
 */
export function resizeLinearGrad_f32(
  dy: usize, dx: usize, table: usize, scratch: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  scaleRow: f64, half: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const line = scratch + (<usize>begin) * row;
  for (let n = begin; n < end; n++) {
    const image = dx + (<usize>n) * row * height;
    memory.fill(image, 0, row * height);
    for (let i = 0; i < outHeight; i++) {
      let from = dy + (<usize>(n * outHeight + i)) * pixel * outWidth;
      memory.fill(line, 0, row);
      const tableEnd = table + (<usize>outWidth) * 8;
      for (let column = table; column < tableEnd; column += 8) {
        const across = load<f32>(column, 4);
        const to = line + (<usize>load<i32>(column)) * pixel;
        if (across == 0) addScaled(to, from, 1, pixel);
        else addShared(to, to + pixel, from, across, pixel);
        from += pixel;
      }
      const h = positionOf(i, scaleRow, half);
      const h0 = min(height - 1, <i32>h);
      const down = <f32>(h - h0);
      const to = image + (<usize>h0) * row;
      if (down == 0 || h0 + 1 == height) addScaled(to, line, 1, row);
      else addShared(to, to + row, line, down, row);
    }
  }
}

// @ts-ignore: decorator
@inline
function addScaled(to: usize, from: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    v128.store(to + k, mulAdd(v128.load(to + k), v128.load(from + k), factors));
  }
  for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k) * factor);
}

/** first += from · (1 − share), second += from · share. */
// @ts-ignore: decorator
@inline
function addShared(first: usize, second: usize, from: usize, share: f32, bytes: usize): void {
  const shares = f32x4.splat(share);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const value = v128.load(from + k);
    const part = f32x4.mul(value, shares);
    v128.store(first + k, f32x4.add(v128.load(first + k), f32x4.sub(value, part)));
    v128.store(second + k, f32x4.add(v128.load(second + k), part));
  }
  for (; k < bytes; k += 4) {
    const part = load<f32>(from + k) * share;
    store<f32>(first + k, load<f32>(first + k) + (load<f32>(from + k) - part));
    store<f32>(second + k, load<f32>(second + k) + part);
  }
}

/** y = the pixel at each position, cut to a whole one, or rounded. A slice is a row of y. */
export function resizeNearest_f32(
  x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  scaleRow: f64, scaleColumn: f64, half: i32, round: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const vectors = pixel & ~15;
  for (let slice = begin; slice < end; slice++) {
    const h = nearestOf(slice % outHeight, scaleRow, half, round, height);
    const row = x + (<usize>((slice / outHeight) * height + h)) * pixel * width;
    let to = y + (<usize>slice) * pixel * outWidth;
    for (let j = 0; j < outWidth; j++) {
      let from = row + (<usize>nearestOf(j, scaleColumn, half, round, width)) * pixel;
      const vectorEnd = to + vectors;
      const stop = to + pixel;
      for (; to < vectorEnd; to += 16, from += 16) v128.store(to, v128.load(from));
      for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(from));
    }
  }
}

/** The gradient of `resizeNearest_f32`. A slice is one image. */
export function resizeNearestGrad_f32(
  dy: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  scaleRow: f64, scaleColumn: f64, half: i32, round: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const image = pixel * width * height;
  for (let n = begin; n < end; n++) {
    const target = dx + (<usize>n) * image;
    let from = dy + (<usize>n) * pixel * outWidth * outHeight;
    memory.fill(target, 0, image);
    for (let i = 0; i < outHeight; i++) {
      const h = nearestOf(i, scaleRow, half, round, height);
      const row = target + (<usize>h) * pixel * width;
      for (let j = 0; j < outWidth; j++) {
        const w = nearestOf(j, scaleColumn, half, round, width);
        addScaled(row + (<usize>w) * pixel, from, 1, pixel);
        from += pixel;
      }
    }
  }
}
