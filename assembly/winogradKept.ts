// Winograd's algorithm by a kept filter, for few tiles and many channels, where reading the transformed filter takes as long as
// the products: one panel of output channels after the other, so that the filter is read once, in its own
// order, and threads share the panels. F(2×2, 3×3) or F(4×4, 3×3): a tile of `size`² outputs is computed at
// points² = (size + 2)² points. F(2×2) keeps a filter in 16/9 of its size, F(4×4) in 36/9.
import { conv_f32_wide } from './convWide';
import { hidden } from './simd';
import { windowAt } from './window';
import { finish, finishLine } from './winograd';
import { filterLine, inputLine, outputLine, planeBytes } from './winogradLines';

/** Bytes for the addresses of the tiles of a product, as `conv_f32_wide` wants them. */
const TABLE = 2112;

/** Bᵀd of F(2, 3): four inputs `fromStep` apart → four, `toStep` apart. */
// @ts-ignore: decorator
@inline
function inputLine2(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load(from + fromStep);
  v128.store(to, f32x4.sub(d0, d2));
  v128.store((to += toStep), f32x4.add(d1, d2));
  v128.store((to += toStep), f32x4.sub(d2, d1));
  v128.store(to + toStep, f32x4.sub(d1, d3));
}

/** Gg of F(2, 3): three taps → four. */
// @ts-ignore: decorator
@inline
function filterLine2(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + fromStep * 2);
  const half = f32x4.splat(0.5);
  const outer = f32x4.mul(half, f32x4.add(d0, d2));
  const inner = f32x4.mul(half, d1);
  v128.store(to, d0);
  v128.store((to += toStep), f32x4.add(outer, inner));
  v128.store((to += toStep), f32x4.sub(outer, inner));
  v128.store(to + toStep, d2);
}

/** Aᵀm of F(2, 3): four products → two outputs. */
// @ts-ignore: decorator
@inline
function outputLine2(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load(from + fromStep);
  v128.store(to, f32x4.add(d0, f32x4.add(d1, d2)));
  v128.store(to + toStep, f32x4.sub(f32x4.sub(d1, d2), d3));
}

/**
 * [3, 3, ci, co] → u[co/16, points², ci, 16]. co is a multiple of 16. scratch: 288 bytes. A slice is one
 * panel.
 */
export function winogradKeptFilter_f32(
  w: usize, u: usize, inChannels: i32, outChannels: i32, size: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const points = <usize>(size + 2);
  const tap = (<usize>(inChannels * outChannels)) * 4;
  const plane = (<usize>inChannels) * 64;
  for (let panel = begin; panel < end; panel++) {
    for (let ci = 0; ci < inChannels; ci++) {
      const place = u + plane * points * points * panel + (<usize>ci) * 64;
      for (let c: usize = 0; c < 64; c += 16) {
        const from = w + (<usize>(ci * outChannels + panel * 16)) * 4 + c;
        for (let j: usize = 0; j < 3; j++) {
          if (size == 4) filterLine(from + tap * j, tap * 3, scratch + j * 16, 48);
          else filterLine2(from + tap * j, tap * 3, scratch + j * 16, 48);
        }
        for (let i: usize = 0; i < points; i++) {
          const to = place + c + plane * points * i;
          if (size == 4) filterLine(scratch + i * 48, 16, to, plane);
          else filterLine2(scratch + i * 48, 16, to, plane);
        }
      }
    }
  }
}

/**
 * x[n, h, w, ci] → points² planes v[tiles, ci], 64 bytes more than that apart, for tiles
 * [n, ⌈oh/size⌉, ⌈ow/size⌉]. ci is a multiple of 4. scratch: 576 + 36·ci·4 bytes. A slice is one tile.
 */
export function winogradKeptInput_f32(
  x: usize, v: usize, tiles: i32,
  inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32,
  inChannels: i32, size: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const points = <usize>(size + 2);
  const across = (width + size - 1) / size;
  const down = (height + size - 1) / size;
  const pixel = (<usize>inChannels) * 4;
  const image = pixel * (inWidth * inHeight);
  const plane = planeBytes(tiles, inChannels);
  const patch = scratch + 576;
  const minusFour = hidden(-4, scratch);
  for (let t = begin; t < end; t++) {
    const row = (t / across % down) * size - top;
    const column = (t % across) * size - left;
    const source = x + image * (t / (down * across));
    const from = windowAt(source, inHeight, inWidth, pixel, row, column, size + 2, patch);
    const fromRow = from == patch ? pixel * points : pixel * inWidth;
    for (let c: usize = 0; c < pixel; c += 16) {
      for (let k: usize = 0; k < points; k++) {
        const line = from + c + pixel * k;
        if (size == 4) inputLine(line, fromRow, scratch + k * 16, 96, minusFour);
        else inputLine2(line, fromRow, scratch + k * 16, 64);
      }
      for (let k: usize = 0; k < points; k++) {
        const to = v + pixel * t + c + plane * points * k;
        if (size == 4) inputLine(scratch + k * 96, 16, to, plane, minusFour);
        else inputLine2(scratch + k * 64, 16, to, plane);
      }
    }
  }
}

/**
 * y[n, oh, ow, co] = bias + x ⋆ w, kept within [low, high], of what the two functions above made of w and
 * x. There are at most 256 tiles. co is a multiple of 16. With a `residual` other than 0, what lies that many
 * bytes from an output is added to it, before the bounds. A NaN or an infinity of x makes its whole tile NaN.
 * scratch: 2688 + points²·(tiles·64 + 64) bytes. A slice is one panel.
 */
export function winogradKept_f32(
  v: usize, u: usize, bias: usize, y: usize,
  tiles: i32, height: i32, width: i32, inChannels: i32, outChannels: i32, size: i32,
  low: f32, high: f32, residual: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const points = <usize>(size + 2);
  const across = (width + size - 1) / size;
  const down = (height + size - 1) / size;
  const row = (<usize>inChannels) * 4;
  const vPlane = planeBytes(tiles, inChannels);
  const uPlane = (<usize>inChannels) * 64;
  const mPlane = planeBytes(tiles, 16);
  const yPixel = (<usize>outChannels) * 4;
  const lines = scratch + TABLE;
  const m = lines + 576;
  const four = hidden(4, lines);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let panel = begin; panel < end; panel++) {
    memory.fill(lines, 0, 64);
    for (let k: usize = 0; k < points * points; k++) {
      conv_f32_wide(
        v + vPlane * k, u + uPlane * (points * points * panel + k), lines, m + mPlane * k,
        tiles, 1, tiles, 0, 0, row, 0, 0, 64, 1, inChannels, 0, 16, -Infinity, Infinity, 1, 0,
        scratch, 0, 1,
      );
    }
    for (let t = 0; t < tiles; t++) {
      const i = (t / across % down) * size;
      const j = (t % across) * size;
      const to = y + (<usize>((t / (down * across) * height + i) * width + j)) * yPixel;
      const rows = <usize>min(size, height - i);
      const columns = min(size, width - j);
      for (let c: usize = 0; c < 64; c += 16) {
        const from = m + (<usize>t) * 64 + c;
        const channel = (<usize>panel) * 64 + c;
        const offset = v128.load(bias + channel);
        for (let k: usize = 0; k < points; k++) {
          const line = from + mPlane * k;
          if (size == 4) outputLine(line, mPlane * points, lines + k * 16, 96, four);
          else outputLine2(line, mPlane * points, lines + k * 16, 64);
        }
        for (let r: usize = 0; r < rows; r++) {
          const line = to + channel + yPixel * (r * width);
          if (size == 4) {
            finishLine(lines + r * 96, line, yPixel, columns, offset, residual, lows, highs, four);
          } else {
            outputLine2(lines + r * 64, 16, lines + 256, 16);
            for (let q: usize = 0; q < (<usize>columns); q++) {
              const value = v128.load(lines + 256 + q * 16);
              finish(line + q * yPixel, value, offset, residual, lows, highs);
            }
          }
        }
      }
    }
  }
}
