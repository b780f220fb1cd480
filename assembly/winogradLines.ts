// The transforms of 3×3 convolution of stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016, section
// 4.3): a tile of 6×6 inputs and the filter are each transformed to 36 points, where the convolution is
// a product; 36 matrix products over channels in place of 144. The points are 0, ±1, ±2 and ∞, which
// costs a digit: relative RMS errors of 1e-6 to 4e-6 in place of 2e-7 to 1e-6.
//
// All transforms are one-dimensional ones along columns, then along rows, 4 channels at a time.
// Planes of the 36 points lie 64 bytes off a multiple of their size: a power of two between 36 streams
// would put them all in one set of the first-level cache.
import { hidden, mulAdd } from './simd';

/** Bytes from one of the 36 planes to the next. */
// @ts-ignore: decorator
@inline
export function planeBytes(rows: i32, columns: i32): usize {
  return (<usize>(rows * columns)) * 4 + 64;
}

/** Bᵀd: six inputs `fromStep` apart → six, `toStep` apart. */
// @ts-ignore: decorator
@inline
export function inputLine(
  from: usize, fromStep: usize, to: usize, toStep: usize, minusFour: v128,
): void {
  const odds = from + fromStep;
  const d0 = v128.load(from);
  const d1 = v128.load(odds);
  const d2 = v128.load(from + fromStep * 2);
  const d3 = v128.load(odds + fromStep * 2);
  const d4 = v128.load(from + fromStep * 4);
  const d5 = v128.load(odds + fromStep * 4);
  const even = mulAdd(d4, minusFour, d2);
  const odd = mulAdd(d3, minusFour, d1);
  const near = f32x4.sub(d4, d2);
  const difference = f32x4.sub(d3, d1);
  const twice = f32x4.add(difference, difference);
  const next = to + toStep;
  v128.store(to, mulAdd(near, minusFour, f32x4.sub(d2, d0)));
  v128.store(next, f32x4.add(even, odd));
  v128.store(to + toStep * 2, f32x4.sub(even, odd));
  v128.store(next + toStep * 2, f32x4.add(near, twice));
  v128.store(to + toStep * 4, f32x4.sub(near, twice));
  v128.store(next + toStep * 4, mulAdd(f32x4.sub(d5, d3), minusFour, difference));
}

/** Tiles of a strip at most: its lines stay in the first-level cache. */
const STRIP = 8;

/** Bytes of scratch of `inputTiles`. */
export const INPUT_SCRATCH: usize = 2 * (STRIP * 4 + 2) * 96;

/** Bᵀd of columns of six pixels, the columns `pixel` apart → lines of six. */
function inputColumns(
  from: usize, row: usize, pixel: usize, line: usize, end: usize, minusFour: v128,
): void {
  for (; line < end; line += 96) {
    inputLine(from, row, line, 16, minusFour);
    from += pixel;
  }
}

/** The lines of a strip's columns, four a tile → a place in each of 36 planes for each tile, `toTile` apart. */
function inputPoints(
  line: usize, end: usize, to: usize, toTile: usize, plane: usize, minusFour: v128,
): void {
  for (; line < end; line += 384) {
    let point = to;
    for (let at = line; at < line + 96; at += 16) {
      inputLine(at, 96, point, plane, minusFour);
      point += plane * 6;
    }
    to += toTile;
  }
}

/**
 * BᵀdB of `tiles` neighbours that begin at (row, column) of an image → a place in each of 36 planes for each,
 * `toTile` apart, for each four channels `toFour` apart. Columns are transformed once for both tiles that share
 * them. scratch: twice (tiles·4 + 2)·96 bytes.
 */
function inputStrip(
  image: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, tiles: i32,
  to: usize, toTile: usize, toFour: usize, plane: usize, scratch: usize,
): void {
  const imageRow = pixel * width;
  const columns = tiles * 4 + 2;
  const bytes = (<usize>columns) * 96;
  const firstColumn = max(0, -column);
  const firstRow = max(0, -row);
  const endRow = min(6, height - row);
  const whole = firstRow == 0 && endRow == 6;
  const begin = scratch + (<usize>firstColumn) * 96;
  const end = scratch + (<usize>min(columns, width - column)) * 96;
  const minusFour = hidden(-4, scratch);
  zero(scratch, whole ? scratch + bytes : scratch + bytes * 2);
  let from = image + pixel * ((row + firstRow) * width + column + firstColumn);
  for (const fromEnd = from + pixel; from < fromEnd; from += 16) {
    if (whole) inputColumns(from, imageRow, pixel, begin, end, minusFour);
    else {
      const first = begin + bytes + (<usize>firstRow) * 16;
      gather(from, imageRow, pixel, first, end + bytes, (<usize>(endRow - firstRow)) * 16);
      inputColumns(begin + bytes, 16, 96, begin, end, minusFour);
    }
    inputPoints(scratch, scratch + (<usize>tiles) * 384, to, toTile, plane, minusFour);
    to += toFour;
  }
}

/** Columns of an image, `pixel` apart → columns of 96 bytes, of which `bytes` are written. */
function gather(from: usize, row: usize, pixel: usize, to: usize, end: usize, bytes: usize): void {
  for (; to < end; to += 96) {
    let next = from;
    for (let at = to; at < to + bytes; at += 16) {
      v128.store(at, v128.load(next));
      next += row;
    }
    from += pixel;
  }
}

function zero(to: usize, end: usize): void {
  for (; to < end; to += 16) v128.store(to, f32x4.splat(0));
}

/** `inputStrip` of `count` tiles of x[n, h, w, ci] from tile `first` on. scratch: INPUT_SCRATCH. */
export function inputTiles(
  x: usize, first: i32, count: i32,
  inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32, inChannels: i32,
  to: usize, toTile: usize, toFour: usize, plane: usize, scratch: usize,
): void {
  const pixel = (<usize>inChannels) * 4;
  const across = (width + 3) / 4;
  const down = (height + 3) / 4;
  const end = first + count;
  for (let tile = first; tile < end; ) {
    const j = tile % across;
    const line = tile / across;
    const tiles = min(min(across - j, end - tile), STRIP);
    const image = x + pixel * (line / down * inHeight * inWidth);
    inputStrip(
      image, inHeight, inWidth, pixel, line % down * 4 - top, j * 4 - left, tiles,
      to, toTile, toFour, plane, scratch,
    );
    to += toTile * tiles;
    tile += tiles;
  }
}

/** Gg: three taps → six. */
// @ts-ignore: decorator
@inline
export function filterLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + fromStep * 2);
  const sixth = f32x4.splat(-1.0 / 6);
  const outer = f32x4.mul(sixth, f32x4.add(d0, d2));
  const inner = f32x4.mul(sixth, d1);
  const wide = mulAdd(f32x4.mul(f32x4.splat(1.0 / 24), d0), f32x4.splat(1.0 / 6), d2);
  const middle = f32x4.mul(f32x4.splat(1.0 / 12), d1);
  v128.store(to, f32x4.mul(f32x4.splat(0.25), d0));
  v128.store((to += toStep), f32x4.add(outer, inner));
  v128.store((to += toStep), f32x4.sub(outer, inner));
  v128.store((to += toStep), f32x4.add(wide, middle));
  v128.store((to += toStep), f32x4.sub(wide, middle));
  v128.store(to + toStep, d2);
}

/** Aᵀm: six products → four outputs. */
// @ts-ignore: decorator
@inline
export function outputLine(
  from: usize, fromStep: usize, to: usize, toStep: usize, four: v128,
): void {
  const odds = from + fromStep;
  const d0 = v128.load(from);
  const d1 = v128.load(odds);
  const d2 = v128.load(from + fromStep * 2);
  const d3 = v128.load(odds + fromStep * 2);
  const d4 = v128.load(from + fromStep * 4);
  const d5 = v128.load(odds + fromStep * 4);
  const sum = f32x4.add(d1, d2);
  const difference = f32x4.sub(d1, d2);
  const far = f32x4.add(d3, d4);
  const farDifference = f32x4.sub(d3, d4);
  const twice = f32x4.add(farDifference, farDifference);
  v128.store(to, f32x4.add(f32x4.add(d0, sum), far));
  v128.store(to + toStep, f32x4.add(difference, twice));
  v128.store(to + toStep * 2, mulAdd(sum, four, far));
  v128.store(to + toStep * 3, f32x4.add(mulAdd(difference, four, twice), d5));
}

/** A·d, the transpose of `outputLine`: four gradients → six. */
// @ts-ignore: decorator
@inline
export function gradientLine(
  from: usize, fromStep: usize, to: usize, toStep: usize, four: v128,
): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + fromStep * 2);
  const d3 = v128.load(from + fromStep * 3);
  const even = f32x4.add(d0, d2);
  const odd = f32x4.add(d1, d3);
  const farEven = mulAdd(d0, four, d2);
  const half = mulAdd(d1, four, d3);
  const farOdd = f32x4.add(half, half);
  const next = to + toStep;
  v128.store(to, d0);
  v128.store(next, f32x4.add(even, odd));
  v128.store(to + toStep * 2, f32x4.sub(even, odd));
  v128.store(next + toStep * 2, f32x4.add(farEven, farOdd));
  v128.store(to + toStep * 4, f32x4.sub(farEven, farOdd));
  v128.store(next + toStep * 4, d3);
}

/** Gᵀu, the transpose of `filterLine`: six sums → three taps. */
// @ts-ignore: decorator
@inline
export function tapLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const odds = from + fromStep;
  const d0 = v128.load(from);
  const d1 = v128.load(odds);
  const d2 = v128.load(from + fromStep * 2);
  const d3 = v128.load(odds + fromStep * 2);
  const d4 = v128.load(from + fromStep * 4);
  const d5 = v128.load(odds + fromStep * 4);
  const sixth = f32x4.splat(1.0 / 6);
  const near = f32x4.mul(sixth, f32x4.add(d1, d2));
  const far = f32x4.add(d3, d4);
  const first = f32x4.sub(f32x4.mul(f32x4.splat(0.25), d0), near);
  const middle = f32x4.mul(sixth, f32x4.sub(d2, d1));
  v128.store(to, mulAdd(first, f32x4.splat(1.0 / 24), far));
  v128.store(to + toStep, mulAdd(middle, f32x4.splat(1.0 / 12), f32x4.sub(d3, d4)));
  v128.store(to + toStep * 2, f32x4.add(f32x4.sub(f32x4.mul(sixth, far), near), d5));
}
