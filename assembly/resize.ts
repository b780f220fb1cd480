// Resizing of [n, h, w, c] and its gradients. Position i of an axis of the result lies at `scale`·i of the
// input or, with half-pixel centres, at `scale`·(i + ½) − ½. Positions are computed in float64.
import { loadPart, mulAdd, storePart } from './simd';

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

/** The nearest position of an axis of the input for each of the result, as i32. One slice. */
export function resizePlaces_f32(
  places: usize, length: i32, outLength: i32, scale: f64, half: i32, round: i32,
  begin: i32, end: i32,
): void {
  for (let i = 0; i < outLength; i++) {
    store<i32>(places + (<usize>i) * 4, nearestOf(i, scale, half, round, length));
  }
}

/** y = the pixel at each of `places`, those of the columns. A slice is a row of y. */
export function resizeNearest_f32(
  x: usize, y: usize, places: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  scaleRow: f64, half: i32, round: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const vectors = pixel & ~15;
  const outRow = pixel * outWidth;
  let last = -1;
  for (let slice = begin; slice < end; slice++) {
    const h = nearestOf(slice % outHeight, scaleRow, half, round, height);
    const line = (slice / outHeight) * height + h;
    let to = y + (<usize>slice) * outRow;
    if (line == last) {
      memory.copy(to, to - outRow, outRow);
      continue;
    }
    last = line;
    const row = x + (<usize>line) * pixel * width;
    const placesEnd = places + (<usize>outWidth) * 4;
    for (let place = places; place < placesEnd; place += 4) {
      let from = row + (<usize>load<i32>(place)) * pixel;
      const vectorEnd = to + vectors;
      const stop = to + pixel;
      for (; to < vectorEnd; to += 16, from += 16) v128.store(to, v128.load(from));
      for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(from));
    }
  }
}

const LINEAR = 0;
const ROUND = 2;

/**
 * For each position of an axis of the input the positions of the result that take from it, in order,
 * with their weights: after `length` + 1 numbers of an entry, i32, entries of an i32 and an f32. There
 * are up to 2 · outLength. `kind` is 0 for linear interpolation, 1 for the nearest position below, 2 for
 * the nearest. One slice.
 */
export function resizeShares_f32(
  table: usize, length: i32, outLength: i32, scale: f64, half: i32, kind: i32,
  begin: i32, end: i32,
): void {
  const entries = table + (<usize>(length + 1)) * 4;
  let count = 0;
  let first = 0;
  for (let p = 0; p < length; p++) {
    store<i32>(table + (<usize>p) * 4, count);
    let i = first;
    for (; i < outLength; i++) {
      let weight: f32 = 0;
      let below = 0;
      if (kind == LINEAR) {
        const at = positionOf(i, scale, half);
        below = min(length - 1, <i32>at);
        const across: f32 = below + 1 < length ? <f32>(at - below) : 0;
        weight = below == p ? 1 - across : below + 1 == p ? across : 0;
      } else {
        below = nearestOf(i, scale, half, <i32>(kind == ROUND), length);
        weight = below == p ? 1 : 0;
      }
      if (below > p) break;
      // What takes from positions before this one alone is never looked at again.
      if (below < p) first = i + 1;
      if (weight != 0) {
        store<i32>(entries + (<usize>count) * 8, i);
        store<f32>(entries + (<usize>count) * 8, weight, 4);
        count++;
      }
    }
  }
  store<i32>(table + (<usize>length) * 4, count);
}

/**
 * The gradient of a resize: each element of dx gathers its shares of dy, first along columns, then
 * along rows. The tables are from `resizeShares_f32`. scratch: outWidth · channels floats. A slice is a
 * row of dx.
 */
export function resizeGrad_f32(
  dy: usize, dx: usize, rows: usize, columns: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const dyRow = pixel * outWidth;
  const rowEntries = rows + (<usize>(height + 1)) * 4;
  const columnEntries = columns + (<usize>(width + 1)) * 4;
  let to = dx + (<usize>begin) * pixel * width;
  for (let slice = begin; slice < end; slice++) {
    const h = rows + (<usize>(slice % height)) * 4;
    const image = dy + (<usize>(slice / height)) * dyRow * outHeight;
    const entry = load<i32>(h);
    gather(
      scratch, rowEntries + (<usize>entry) * 8, load<i32>(h, 4) - entry, image, dyRow, dyRow,
    );
    const columnsEnd = columns + (<usize>width) * 4;
    for (let w = columns; w < columnsEnd; w += 4) {
      const first = load<i32>(w);
      const entry = columnEntries + (<usize>first) * 8;
      const count = load<i32>(w, 4) - first;
      if (count == 4) gatherFour(to, entry, scratch, pixel, pixel);
      else if (count == 2) gatherTwo(to, entry, scratch, pixel, pixel);
      else gather(to, entry, count, scratch, pixel, pixel);
      to += pixel;
    }
  }
}

/** to = Σ over `count` entries (i, weight) of the `bytes` at from + i·unit, times weight. */
function gather(to: usize, entry: usize, count: i32, from: usize, unit: usize, bytes: usize): void {
  if (count == 0) {
    memory.fill(to, 0, bytes);
    return;
  }
  let left = count;
  if (left >= 4) {
    gatherFour(to, entry, from, unit, bytes);
    left -= 4;
    entry += 32;
  } else if (left >= 2) {
    gatherTwo(to, entry, from, unit, bytes);
    left -= 2;
    entry += 16;
  } else {
    gatherOne(false, to, entry, from, unit, bytes);
    return;
  }
  for (; left > 0; left--, entry += 8) gatherOne(true, to, entry, from, unit, bytes);
}

// @ts-ignore: decorator
@inline
function source(entry: usize, from: usize, unit: usize): usize {
  return from + (<usize>load<i32>(entry)) * unit;
}

// @ts-ignore: decorator
@inline
function gatherOne(
  add: bool, to: usize, entry: usize, from: usize, unit: usize, bytes: usize,
): void {
  let a = source(entry, from, unit);
  const weight = v128.load32_splat(entry, 4);
  const stop = to + bytes;
  for (const last = to + (bytes & ~15); to < last; to += 16, a += 16) {
    const part = f32x4.mul(v128.load(a), weight);
    v128.store(to, add ? f32x4.add(v128.load(to), part) : part);
  }
  for (; to < stop; to += 4, a += 4) {
    const part = f32x4.mul(v128.load32_zero(a), weight);
    v128.store_lane<f32>(to, add ? f32x4.add(v128.load32_zero(to), part) : part, 0);
  }
}

// @ts-ignore: decorator
@inline
function gatherTwo(to: usize, entry: usize, from: usize, unit: usize, bytes: usize): void {
  let a = source(entry, from, unit);
  let b = source(entry + 8, from, unit);
  const wa = v128.load32_splat(entry, 4);
  const wb = v128.load32_splat(entry, 12);
  const stop = to + bytes;
  for (const last = to + (bytes & ~15); to < last; to += 16, a += 16, b += 16) {
    v128.store(to, mulAdd(f32x4.mul(v128.load(a), wa), v128.load(b), wb));
  }
  for (; to < stop; to += 4, a += 4, b += 4) {
    const value = mulAdd(f32x4.mul(v128.load32_zero(a), wa), v128.load32_zero(b), wb);
    v128.store_lane<f32>(to, value, 0);
  }
}

// @ts-ignore: decorator
@inline
function gatherFour(to: usize, entry: usize, from: usize, unit: usize, bytes: usize): void {
  let a = source(entry, from, unit);
  let b = source(entry + 8, from, unit);
  let c = source(entry + 16, from, unit);
  let d = source(entry + 24, from, unit);
  const wa = v128.load32_splat(entry, 4);
  const wb = v128.load32_splat(entry, 12);
  const wc = v128.load32_splat(entry, 20);
  const wd = v128.load32_splat(entry, 28);
  const stop = to + bytes;
  for (const last = to + (bytes & ~15); to < last; to += 16) {
    storePart(true, to, four(true, a, b, c, d, wa, wb, wc, wd));
    a += 16;
    b += 16;
    c += 16;
    d += 16;
  }
  for (; to < stop; to += 4) {
    storePart(false, to, four(false, a, b, c, d, wa, wb, wc, wd));
    a += 4;
    b += 4;
    c += 4;
    d += 4;
  }
}

// @ts-ignore: decorator
@inline
function four(
  whole: bool, a: usize, b: usize, c: usize, d: usize, wa: v128, wb: v128, wc: v128, wd: v128,
): v128 {
  const first = mulAdd(f32x4.mul(loadPart(whole, a), wa), loadPart(whole, b), wb);
  return mulAdd(mulAdd(first, loadPart(whole, c), wc), loadPart(whole, d), wd);
}
