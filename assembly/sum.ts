// Sums over the middle of [outer, rows, inner]; with outer or inner 1 over leading, trailing or all axes.
import { sumsOf, touch } from './simd';

/** Scratch bytes of a slice: the widest row that `narrow` makes. */
const SLICE_SCRATCH: usize = 512;

/**
 * sums[o, block, i] = Σ over the rows of a block of x[o, row, i], divided by `divisor`.
 *
 * A block is `blockRows` rows. One row's `inner` floats are summed `chunk` at a time. Eight rows are
 * added pairwise and then to the sum, so that rounding errors grow with blockRows/8.
 * scratch: 512 bytes a slice, used where 1 < inner < 16. A slice is a chunk of a block of an o.
 */
export function sum_f32(
  x: usize, sums: usize, scratch: usize,
  rows: i32, inner: i32, blocks: i32, blockRows: i32, chunk: i32, divisor: f32,
  begin: i32, end: i32,
): void {
  if (inner == 1 && blocks == 1 && !(rows & 3)) {
    lines(x, sums, rows, divisor, begin, end);
    return;
  }
  const chunks = (inner + chunk - 1) / chunk;
  const stride = (<usize>inner) * 4;
  const wide = scratch + (<usize>begin) * SLICE_SCRATCH;
  let part = begin % chunks;
  let block = (begin / chunks) % blocks;
  let line = x + (<usize>(begin / chunks / blocks)) * rows * stride;
  let target = sums + (<usize>(begin / chunks)) * stride;
  for (let slice = begin; slice < end; slice++) {
    const first = block * blockRows;
    const count = min(blockRows, rows - first);
    const column = (<usize>(part * chunk)) * 4;
    const from = line + (<usize>first) * stride + column;
    const to = target + column;
    if (inner == 1) {
      store<f32>(to, lineSum(from, count) / divisor);
    } else if (inner < 16) {
      narrow(from, count, inner, wide, to);
      for (let c: usize = 0; c < stride; c += 4) store<f32>(to + c, load<f32>(to + c) / divisor);
    } else {
      const width = min(chunk, inner - part * chunk);
      clear(to, width);
      addRows(from, stride, count, width, to);
      divide(to, width, divisor);
    }
    if (++part == chunks) {
      part = 0;
      target += stride;
      if (++block == blocks) {
        block = 0;
        line += (<usize>rows) * stride;
      }
    }
  }
}

/** Σ of `count` floats. */
function lineSum(from: usize, count: i32): f32 {
  const stop = from + (<usize>count) * 4;
  let sums = f32x4.splat(0);
  for (const last = from + (<usize>(count & ~31)) * 4; from < last; from += 128) {
    const a = f32x4.add(v128.load(from), v128.load(from, 16));
    const b = f32x4.add(v128.load(from, 32), v128.load(from, 48));
    const c = f32x4.add(v128.load(from, 64), v128.load(from, 80));
    const d = f32x4.add(v128.load(from, 96), v128.load(from, 112));
    sums = f32x4.add(sums, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (const last = stop - 16; from <= last; from += 16) sums = f32x4.add(sums, v128.load(from));
  let sum: f32 =
    f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  for (; from < stop; from += 4) sum += load<f32>(from);
  return sum;
}

/** sums[i] = Σ of line i of `count` floats, a multiple of 4, divided by `divisor`; lines are slices. */
function lines(x: usize, sums: usize, count: i32, divisor: f32, begin: i32, end: i32): void {
  const line = (<usize>count) * 4;
  let from = x + (<usize>begin) * line;
  let to = sums + (<usize>begin) * 4;
  const divisors = f32x4.splat(divisor);
  for (const last = to + (<usize>((end - begin) & ~3)) * 4; to < last; to += 16) {
    let a = f32x4.splat(0);
    let b = a, c = a, d = a;
    for (const stop = from + line; from < stop; from += 16) {
      const second = from + line;
      const third = second + line;
      a = f32x4.add(a, v128.load(from));
      b = f32x4.add(b, v128.load(second));
      c = f32x4.add(c, v128.load(third));
      d = f32x4.add(d, v128.load(third + line));
    }
    from += line * 3;
    v128.store(to, f32x4.div(sumsOf(a, b, c, d), divisors));
  }
  // As above: the result may not depend on what else a call sums.
  for (const stop = sums + (<usize>end) * 4; to < stop; to += 4) {
    let a = f32x4.splat(0);
    for (const lineEnd = from + line; from < lineEnd; from += 16) a = f32x4.add(a, v128.load(from));
    v128.store_lane<f32>(to, f32x4.div(sumsOf(a, a, a, a), divisors), 0);
  }
}

/**
 * Rows of fewer than 16 floats: read as wider rows of whole vectors, at `wide`, and their sums
 * added up.
 */
function narrow(from: usize, rows: i32, inner: i32, wide: usize, to: usize): void {
  const unit = inner & 3 ? (inner & 1 ? inner * 4 : inner * 2) : inner;
  const width = unit * ((63 + unit) / unit);
  const count = rows * inner;
  const wideRows = count / width;
  const bytes = (<usize>width) * 4;
  clear(wide, width);
  addRows(from, bytes, wideRows, width, wide);
  const rest = from + bytes * wideRows;
  const restBytes = (<usize>(count - wideRows * width)) * 4;
  for (let at: usize = 0; at < restBytes; at += 4) {
    store<f32>(wide + at, load<f32>(wide + at) + load<f32>(rest + at));
  }
  const row = (<usize>inner) * 4;
  for (let c: usize = 0; c < row; c += 4) {
    let sum: f32 = 0;
    for (let at = c; at < bytes; at += row) sum += load<f32>(wide + at);
    store<f32>(to + c, sum);
  }
}

/** Adds rows of `width` floats, `stride` bytes apart, to `sums`. */
function addRows(from: usize, stride: usize, rows: i32, width: i32, sums: usize): void {
  const bytes = (<usize>width) * 4;
  const vectors = bytes & ~15;
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    touch(from, bytes, 8);
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const x0 = from + at;
      const x1 = x0 + stride;
      const x2 = x1 + stride;
      const x3 = x2 + stride;
      const x4 = x3 + stride;
      const x5 = x4 + stride;
      const x6 = x5 + stride;
      const a = f32x4.add(v128.load(x0), v128.load(x1));
      const b = f32x4.add(v128.load(x2), v128.load(x3));
      const c = f32x4.add(v128.load(x4), v128.load(x5));
      const d = f32x4.add(v128.load(x6), v128.load(x6 + stride));
      const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
      v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
    }
    for (; at < bytes; at += 4) {
      let sum: f32 = 0;
      for (let r: usize = 0; r < 8; r++) sum += load<f32>(from + at + stride * r);
      store<f32>(sums + at, load<f32>(sums + at) + sum);
    }
    from += stride * 8;
  }
  for (; row < rows; row++) {
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      v128.store(sums + at, f32x4.add(v128.load(sums + at), v128.load(from + at)));
    }
    for (; at < bytes; at += 4) store<f32>(sums + at, load<f32>(sums + at) + load<f32>(from + at));
    from += stride;
  }
}

// @ts-ignore: decorator
@inline
function clear(to: usize, count: i32): void {
  const stop = to + (<usize>count) * 4;
  for (const last = stop - 16; to <= last; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < stop; to += 4) store<f32>(to, 0);
}

// @ts-ignore: decorator
@inline
function divide(at: usize, count: i32, divisor: f32): void {
  if (divisor == 1) return;
  const stop = at + (<usize>count) * 4;
  const divisors = f32x4.splat(divisor);
  for (const last = stop - 16; at <= last; at += 16) {
    v128.store(at, f32x4.div(v128.load(at), divisors));
  }
  for (; at < stop; at += 4) store<f32>(at, load<f32>(at) / divisor);
}
