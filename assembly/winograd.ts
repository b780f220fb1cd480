// 3×3 convolution of stride 1 by Winograd's algorithm (see winogradLines.ts), in blocks of tiles or, for few
// tiles of many channels, in panels of output channels.
import { transpose_f32 } from './pack';
import { hidden, mulAdd } from './simd';
import { filterLine, INPUT_SCRATCH, inputTiles, outputLine, planeBytes } from './winogradLines';

/**
 * A filter turned by 180° with its channels exchanged, for the input gradient: [3, 3, ci, co] →
 * [3, 3, co, ci]. A slice is one tap.
 */
export function turnFilter_f32(
  w: usize, to: usize, inChannels: i32, outChannels: i32, begin: i32, end: i32,
): void {
  const tap = (<usize>(inChannels * outChannels)) * 4;
  for (let k = begin; k < end; k++) {
    transpose_f32(
      w + tap * (8 - k), to + tap * k, inChannels, outChannels, 0, (outChannels + 3) / 4,
    );
  }
}

/** Output channels `co` … of a filter [3, 3, ci, co], at most 8 → a place in 36 planes of u[ci, 8]. */
function filterPanel(
  w: usize, u: usize, plane: usize, inChannels: i32, outChannels: i32, co: i32, scratch: usize,
): void {
  const row = (<usize>outChannels) * 4;
  const tap = row * inChannels;
  const bytes = (<usize>min(8, outChannels - co)) * 4;
  let from = w + (<usize>co) * 4;
  for (let ci = 0; ci < inChannels; ci++) {
    for (let c: usize = 0; c < bytes; c += 16) {
      for (let j: usize = 0; j < 3; j++) {
        filterLine(from + c + tap * j, tap * 3, scratch + j * 16, 48);
      }
      for (let i: usize = 0; i < 6; i++) {
        filterLine(scratch + i * 48, 16, u + c + plane * i * 6, plane);
      }
    }
    from += row;
    u += 32;
  }
}

/**
 * [3, 3, ci, co] → the 36 planes u[⌈co/8⌉, ci, 8]. co must be a multiple of 4; what a last half panel
 * leaves over is not written. scratch: 288 bytes. A slice is one panel.
 */
export function winogradFilter_f32(
  w: usize, u: usize, inChannels: i32, outChannels: i32, scratch: usize, begin: i32, end: i32,
): void {
  const plane = planeBytes((outChannels + 7) / 8 * 8, inChannels);
  for (let panel = begin; panel < end; panel++) {
    const to = u + (<usize>(panel * inChannels)) * 32;
    filterPanel(w, to, plane, inChannels, outChannels, panel * 8, scratch);
  }
}

/** One point's product: c[rows, np·8] = a[rows, depth] · b[np, depth, 8]; rows is a multiple of 4. */
// @ts-ignore: decorator
@inline
function product(a: usize, b: usize, c: usize, rows: i32, depth: i32, panels: i32): void {
  const aRow = (<usize>depth) * 4;
  const cRow = (<usize>panels) * 32;
  const panelBytes = (<usize>depth) * 32;
  const cEnd = c + cRow * rows;
  for (const columnsEnd = c + cRow; c < columnsEnd; c += 32) {
    let row = a;
    const bEnd = b + panelBytes;
    for (let to = c; to < cEnd; to += cRow * 4) {
      let a0 = row + 0;
      let a1 = a0 + aRow;
      let a2 = a1 + aRow;
      let a3 = a2 + aRow;
      let k = b;
      let v = f32x4.splat(0);
      let w0 = v, w1 = v, c00 = v, c01 = v, c10 = v, c11 = v, c20 = v, c21 = v, c30 = v, c31 = v;
      while (k < bEnd) {
        w0 = v128.load(k);
        w1 = v128.load(k, 16);
        v = v128.load32_splat(a0);
        c00 = mulAdd(c00, v, w0);
        c01 = mulAdd(c01, v, w1);
        v = v128.load32_splat(a1);
        c10 = mulAdd(c10, v, w0);
        c11 = mulAdd(c11, v, w1);
        v = v128.load32_splat(a2);
        c20 = mulAdd(c20, v, w0);
        c21 = mulAdd(c21, v, w1);
        v = v128.load32_splat(a3);
        c30 = mulAdd(c30, v, w0);
        c31 = mulAdd(c31, v, w1);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        k += 32;
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      let next = to + cRow;
      v128.store(next, c10);
      v128.store(next, c11, 16);
      next += cRow;
      v128.store(next, c20);
      v128.store(next, c21, 16);
      next += cRow;
      v128.store(next, c30);
      v128.store(next, c31, 16);
      row += aRow * 4;
    }
    b = bEnd;
  }
}

/** Writes bias + value + what lies `residual` bytes on, unless that is 0, within [low, high]. */
// @ts-ignore: decorator
@inline
export function finish(to: usize, value: v128, bias: v128, residual: usize, low: v128, high: v128): void {
  value = f32x4.add(value, bias);
  if (residual != 0) value = f32x4.add(value, v128.load(to + residual));
  v128.store(to, f32x4.pmin(f32x4.pmax(value, low), high));
}

/** `outputLine` of six neighbours, of which the first `columns` outputs are finished, `toStep` apart. */
// @ts-ignore: decorator
@inline
export function finishLine(
  from: usize, to: usize, toStep: usize, columns: i32,
  bias: v128, residual: usize, low: v128, high: v128, four: v128,
): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from, 16);
  const d2 = v128.load(from, 32);
  const d3 = v128.load(from, 48);
  const d4 = v128.load(from, 64);
  const d5 = v128.load(from, 80);
  const sum = f32x4.add(d1, d2);
  const difference = f32x4.sub(d1, d2);
  const far = f32x4.add(d3, d4);
  const farDifference = f32x4.sub(d3, d4);
  const twice = f32x4.add(farDifference, farDifference);
  finish(to, f32x4.add(f32x4.add(d0, sum), far), bias, residual, low, high);
  if (columns > 1) finish((to += toStep), f32x4.add(difference, twice), bias, residual, low, high);
  if (columns > 2) finish((to += toStep), mulAdd(sum, four, far), bias, residual, low, high);
  if (columns > 3) {
    finish(to + toStep, f32x4.add(mulAdd(difference, four, twice), d5), bias, residual, low, high);
  }
}

/**
 * The 36 products of a tile, `bytes` of channels → rows × columns of y, with bias and residual, within bounds.
 * scratch: 576 bytes.
 */
function finishTile(
  m: usize, plane: usize, bias: usize, y: usize, row: usize, pixel: usize, bytes: usize,
  rows: i32, columns: i32, residual: usize, low: f32, high: f32, scratch: usize,
): void {
  const linesEnd = scratch + (<usize>rows) * 96;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const four = hidden(4, scratch);
  for (const end = m + bytes; m < end; m += 16) {
    let point = m;
    for (let at = scratch; at < scratch + 96; at += 16) {
      outputLine(point, plane * 6, at, 96, four);
      point += plane;
    }
    const offset = v128.load(bias);
    let to = y;
    for (let line = scratch; line < linesEnd; line += 96) {
      finishLine(line, to, pixel, columns, offset, residual, lows, highs, four);
      to += row;
    }
    bias += 16;
    y += 16;
  }
}

/** `finishTile` of `count` tiles from tile `first` on, whose products are `mTile` apart. */
function finishTiles(
  m: usize, mTile: usize, plane: usize, bias: usize, y: usize, bytes: usize,
  first: i32, count: i32, height: i32, width: i32, outChannels: i32,
  residual: usize, low: f32, high: f32, scratch: usize,
): void {
  const pixel = (<usize>outChannels) * 4;
  const across = (width + 3) / 4;
  const down = (height + 3) / 4;
  for (let tile = first; tile < first + count; tile++) {
    const line = tile / across;
    const i = line % down * 4;
    const j = tile % across * 4;
    const to = y + (<usize>((line / down * height + i) * width + j)) * pixel;
    finishTile(
      m, plane, bias, to, pixel * width, pixel, bytes,
      min(4, height - i), min(4, width - j), residual, low, high, scratch,
    );
    m += mTile;
  }
}

/**
 * y[n, oh, ow, co] = bias + x ⋆ w, kept within [low, high], for tiles [n, ⌈oh/4⌉, ⌈ow/4⌉].
 *
 * x is [n, h, w, ci], `top` rows and `left` columns of zeros before it and as many behind it as needed; u is
 * from `winogradFilter_f32`; bias is [⌈co/8⌉, 8].
 * ci and co are multiples of 4. With a `residual` other than 0, what lies that many bytes from an output is
 * added to it, before the bounds. A NaN or an infinity of x makes its whole tile NaN.
 * A slice is `block` tiles, a multiple of 4. scratch: 6528 + 36·(block·ci·4 + 64) +
 * 36·(block·⌈co/8⌉·32 + 64) bytes.
 */
export function winograd_f32(
  x: usize, u: usize, bias: usize, y: usize,
  tiles: i32, inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32,
  inChannels: i32, outChannels: i32, block: i32,
  low: f32, high: f32, residual: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const panels = (outChannels + 7) / 8;
  const vPlane = planeBytes(block, inChannels);
  const uPlane = planeBytes(panels * 8, inChannels);
  const mPlane = planeBytes(block, panels * 8);
  const pixel = (<usize>inChannels) * 4;
  const v = scratch + INPUT_SCRATCH;
  const m = v + vPlane * 36;
  for (let slice = begin; slice < end; slice++) {
    const first = slice * block;
    const count = min(block, tiles - first);
    inputTiles(
      x, first, count, inHeight, inWidth, top, left, height, width, inChannels,
      v, pixel, 16, vPlane, scratch,
    );
    for (let k: usize = 0; k < 36; k++) {
      product(v + vPlane * k, u + uPlane * k, m + mPlane * k, (count + 3) & ~3, inChannels, panels);
    }
    finishTiles(
      m, (<usize>panels) * 32, mPlane, bias, y, (<usize>outChannels) * 4,
      first, count, height, width, outChannels, residual, low, high, scratch,
    );
  }
}

/**
 * The first half of the same for few tiles of many channels: all tiles of x → 36 planes v[tiles, ci].
 * scratch: 6528 bytes. A slice is one tile.
 */
export function winogradInput_f32(
  x: usize, v: usize,
  tiles: i32, inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32,
  inChannels: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const plane = planeBytes((tiles + 3) & ~3, inChannels);
  const pixel = (<usize>inChannels) * 4;
  inputTiles(
    x, begin, end - begin, inHeight, inWidth, top, left, height, width, inChannels,
    v + pixel * begin, pixel, 16, plane, scratch,
  );
}

/**
 * The second half: the filter w[3, 3, ci, co] is transformed by panels, each of which is used at once, while
 * it is in the second-level cache. scratch: 576 + 36·(ci·32 + 64) + 36·(⌈tiles/4⌉·128 + 64) bytes. A slice is
 * one panel of 8 output channels.
 */
export function winogradPanels_f32(
  v: usize, w: usize, bias: usize, y: usize,
  tiles: i32, height: i32, width: i32, inChannels: i32, outChannels: i32,
  low: f32, high: f32, residual: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const rows = (tiles + 3) & ~3;
  const vPlane = planeBytes(rows, inChannels);
  const uPlane = planeBytes(8, inChannels);
  const mPlane = planeBytes(rows, 8);
  const u = scratch + 576;
  const m = u + uPlane * 36;
  for (let panel = begin; panel < end; panel++) {
    const channel = (<usize>panel) * 32;
    filterPanel(w, u, uPlane, inChannels, outChannels, panel * 8, scratch);
    for (let k: usize = 0; k < 36; k++) {
      product(v + vPlane * k, u + uPlane * k, m + mPlane * k, rows, inChannels, 1);
    }
    const bytes = (<usize>min(8, outChannels - panel * 8)) * 4;
    finishTiles(
      m, 32, mPlane, bias + channel, y + channel, bytes,
      0, tiles, height, width, outChannels, residual, low, high, scratch,
    );
  }
}
