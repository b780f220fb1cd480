// Depthwise convolution: four channels a vector, four neighbouring pixels a tile, so that each weight is
// loaded once for four products. Taps outside of the image are left out.
import { loadPart, mulAdd, storePart } from './simd';

/**
 * y[n, i, j, c] = bias[c] + Σ over taps of x[n, i·strideRow + kh·dilationRow − top, …, c] · filter[kh, kw, c],
 * kept within [low, high]. A NaN stays NaN. bias may be 0 for none. Sums run over the taps in order.
 *
 * The channels may come in `blocks`: x [n, blocks, height, width, channels], filter [blocks, kernelRows,
 * kernelColumns, channels], bias [blocks, channels] → y [n, outHeight, outWidth, blocks, channels].
 * A slice is one row of y, of one block.
 */
export function depthwise_f32(
  x: usize, filter: usize, bias: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  dilationRow: i32, dilationColumn: i32, low: f32, high: f32, blocks: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const outPixel = pixel * blocks;
  const step = pixel * strideColumn;
  const tap = pixel * dilationColumn;
  const xRow = pixel * (width * dilationRow);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  // The pixels whose windows lie between the left and the right border.
  const inner = min(outWidth, (left + strideColumn - 1) / strideColumn);
  const reach = width - 1 - (kernelColumns - 1) * dilationColumn + left;
  const innerEnd = max(inner, min(outWidth, reach < 0 ? 0 : reach / strideColumn + 1));
  const tiled = inner + 4 <= innerEnd;
  const three = kernelColumns == 3 && strideColumn == 1 && dilationColumn == 1;
  for (let slice = begin; slice < end; slice++) {
    const image = slice / outHeight;
    const block = image % blocks;
    const row = slice % outHeight;
    const h = row * strideRow - top;
    const firstRow = h < 0 ? (dilationRow - 1 - h) / dilationRow : 0;
    const rows = min(kernelRows, max(0, height - h + dilationRow - 1) / dilationRow) - firstRow;
    const line = x + (<usize>((image * height + h + firstRow * dilationRow) * width)) * pixel;
    const weights = filter + (<usize>((block * kernelRows + firstRow) * kernelColumns)) * pixel;
    const offset = bias ? bias + pixel * block : 0;
    let to = y + (<usize>((image / blocks * outHeight + row) * outWidth)) * outPixel + pixel * block;
    for (let j = 0; j < outWidth;) {
      if (tiled && j >= inner && j + 2 <= innerEnd && j + 4 > innerEnd) {
        // The last tile may overlap the one before.
        to -= outPixel * (j + 4 - innerEnd);
        j = innerEnd - 4;
      }
      const w = j * strideColumn - left;
      const from = line + (<usize>w) * pixel;
      if (tiled && j >= inner && j + 4 <= innerEnd) {
        if (channels >= 4) {
          for (let c: usize = 0; c < pixel; c += 16) {
            // The last four channels may overlap those before.
            const at = min(c, pixel - 16);
            four(
              true, from, weights, offset, to, at, rows, xRow, tap,
              step, pixel, outPixel, kernelColumns, three, lows, highs,
            );
          }
        } else {
          for (let c: usize = 0; c < pixel; c += 4) {
            four(
              false, from, weights, offset, to, c, rows, xRow, tap,
              step, pixel, outPixel, kernelColumns, three, lows, highs,
            );
          }
        }
        j += 4;
        to += outPixel * 4;
        continue;
      }
      const first = w < 0 ? (dilationColumn - 1 - w) / dilationColumn : 0;
      const stop = min(kernelColumns, max(0, width - w + dilationColumn - 1) / dilationColumn);
      const a = from + tap * first;
      const b = weights + pixel * first;
      if (channels >= 4) {
        for (let c: usize = 0; c < pixel; c += 16) {
          const at = min(c, pixel - 16);
          one(
            true, a, b, offset, to, at, rows, stop - first,
            xRow, tap, pixel, kernelColumns, lows, highs,
          );
        }
      } else {
        for (let c: usize = 0; c < pixel; c += 4) {
          one(
            false, a, b, offset, to, c, rows, stop - first,
            xRow, tap, pixel, kernelColumns, lows, highs,
          );
        }
      }
      j++;
      to += outPixel;
    }
  }
}

/** The sums of four neighbouring pixels, of four channels or, if not `whole`, of one. */
// @ts-ignore: decorator
@inline
function four(
  whole: bool, x: usize, filter: usize, bias: usize, y: usize, at: usize,
  rows: i32, xRow: usize, tap: usize, step: usize, pixel: usize, outPixel: usize, kernelColumns: i32,
  three: bool, lows: v128, highs: v128,
): void {
  let a = x + at;
  let b = filter + at;
  let v0 = bias ? loadPart(whole, bias + at) : f32x4.splat(0);
  let v1 = v0, v2 = v0, v3 = v0;
  if (three) {
    for (let kh = 0; kh < rows; kh++) {
      let s0 = loadPart(whole, a);
      let s1 = loadPart(whole, a + pixel);
      let s2 = loadPart(whole, a + pixel * 2);
      let s3 = loadPart(whole, a + pixel * 3);
      const s4 = loadPart(whole, a + pixel * 4);
      const s5 = loadPart(whole, a + pixel * 5);
      let k = loadPart(whole, b);
      v0 = mulAdd(v0, s0, k);
      v1 = mulAdd(v1, s1, k);
      v2 = mulAdd(v2, s2, k);
      v3 = mulAdd(v3, s3, k);
      k = loadPart(whole, b + pixel);
      v0 = mulAdd(v0, s1, k);
      v1 = mulAdd(v1, s2, k);
      v2 = mulAdd(v2, s3, k);
      v3 = mulAdd(v3, s4, k);
      k = loadPart(whole, b + pixel * 2);
      v0 = mulAdd(v0, s2, k);
      v1 = mulAdd(v1, s3, k);
      v2 = mulAdd(v2, s4, k);
      v3 = mulAdd(v3, s5, k);
      a += xRow;
      b += pixel * 3;
    }
  } else {
    for (let kh = 0; kh < rows; kh++) {
      let s = a;
      for (const stop = b + pixel * kernelColumns; b < stop; b += pixel, s += tap) {
        const k = loadPart(whole, b);
        v0 = mulAdd(v0, loadPart(whole, s), k);
        v1 = mulAdd(v1, loadPart(whole, s + step), k);
        v2 = mulAdd(v2, loadPart(whole, s + step * 2), k);
        v3 = mulAdd(v3, loadPart(whole, s + step * 3), k);
      }
      a += xRow;
    }
  }
  const target = y + at;
  storePart(whole, target, f32x4.pmin(f32x4.pmax(v0, lows), highs));
  storePart(whole, target + outPixel, f32x4.pmin(f32x4.pmax(v1, lows), highs));
  storePart(whole, target + outPixel * 2, f32x4.pmin(f32x4.pmax(v2, lows), highs));
  storePart(whole, target + outPixel * 3, f32x4.pmin(f32x4.pmax(v3, lows), highs));
}

/** One pixel's sum of `rows` × `columns` taps, of four channels or, if not `whole`, of one. */
// @ts-ignore: decorator
@inline
function one(
  whole: bool, x: usize, filter: usize, bias: usize, y: usize, at: usize,
  rows: i32, columns: i32, xRow: usize, tap: usize, pixel: usize, kernelColumns: i32,
  lows: v128, highs: v128,
): void {
  let a = x + at;
  let b = filter + at;
  let sum = bias ? loadPart(whole, bias + at) : f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let s = a;
    let k = b;
    for (let column = 0; column < columns; column++) {
      sum = mulAdd(sum, loadPart(whole, s), loadPart(whole, k));
      s += tap;
      k += pixel;
    }
    a += xRow;
    b += pixel * kernelColumns;
  }
  storePart(whole, y + at, f32x4.pmin(f32x4.pmax(sum, lows), highs));
}
