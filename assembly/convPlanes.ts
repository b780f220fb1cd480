// Transposed convolution to few channels. A tile of 8 channels would be mostly empty; here the four lanes run
// along the pixels: the input is turned into planes of one channel, which stay in the cache, and a tile is 24
// pixels of one channel.
import { mulAdd, transpose4x4 } from './simd';

/** Pixels of a tile. */
const TILE = 24;

/**
 * The transposed convolution of x [n, height, width, channels] with w [kernelRows, kernelColumns, outChannels,
 * channels] to y [n, outHeight, outWidth, outChannels]: y[i] = bias + Σ over the taps of
 * x[(i + top − tap) / stride] · w[tap], for which that is whole, kept within [low, high]; along columns
 * likewise. A NaN stays NaN. bias may be 0 for none. Sums run over the taps from the last to the first.
 *
 * The outputs of a phase, those of equal i mod stride and j mod stride, meet the same taps. A slice is
 * `bandRows` rows of each phase of an image. Their windows reach `rowsBefore` rows of x before the row of
 * their number and `rowsAfter` behind it, and columns likewise.
 * scratch: channels · (4 · (bandRows + rowsBefore + rowsAfter) · span + 224) + strideColumn · outChannels ·
 * 4 · (bandRows · span + 24) bytes, with span = ⌈outWidth / strideColumn⌉ + columnsBefore + columnsAfter.
 */
export function convPlanes_f32(
  x: usize, w: usize, bias: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, outChannels: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  bandRows: i32, rowsBefore: i32, rowsAfter: i32, columnsBefore: i32, columnsAfter: i32,
  low: f32, high: f32,
  scratch: usize, begin: i32, end: i32,
): void {
  const rows = (outHeight + strideRow - 1) / strideRow;
  const span = (outWidth + strideColumn - 1) / strideColumn + columnsBefore + columnsAfter;
  const bands = (rows + bandRows - 1) / bandRows;
  const planeRows = bandRows + rowsBefore + rowsAfter;
  // An odd number of cache lines, or else the planes meet in the same places of the cache.
  const plane = ((<usize>(planeRows * span + TILE)) * 4 + 63) & ~63 | 64;
  const lines = scratch + plane * channels;
  const line = (<usize>(bandRows * span + TILE)) * 4;
  const pixel = (<usize>channels) * 4;
  const outPixel = (<usize>outChannels) * 4;
  const spanBytes = (<usize>span) * 4;
  const tap = pixel * outChannels;
  const columnTap = tap * strideColumn;
  const rowTap = tap * kernelColumns * strideRow;
  const columns = min(width, span - columnsBefore);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let slice = begin; slice < end; slice++) {
    const n = slice / bands;
    const band = slice % bands * bandRows;
    const bandEnd = min(bandRows, rows - band);
    // What is not of the image stays zero, as long as that are the same places.
    if (slice == begin || bands > 1) memory.fill(scratch, 0, plane * channels);
    for (let row = 0; row < planeRows; row++) {
      const h = band - rowsBefore + row;
      if (h < 0 || h >= height) continue;
      const from = x + (<usize>((n * height + h) * width)) * pixel;
      const to = scratch + (<usize>(row * span + columnsBefore)) * 4;
      toPlanes(from, to, columns, channels, plane);
    }
    const image = y + (<usize>(n * outHeight * outWidth)) * outPixel;
    for (let r = 0; r < min(strideRow, outHeight); r++) {
      const firstRow = (r + top) % strideRow;
      const tapRows = max(0, (kernelRows - firstRow + strideRow - 1) / strideRow);
      const startRow = (r + top - firstRow) / strideRow - tapRows + 1;
      const phaseRows = min(bandEnd, (outHeight - r + strideRow - 1) / strideRow - band);
      for (let c = 0; c < min(strideColumn, outWidth); c++) {
        const firstColumn = (c + left) % strideColumn;
        const taps = max(0, (kernelColumns - firstColumn + strideColumn - 1) / strideColumn);
        const start = (c + left - firstColumn) / strideColumn - taps + 1;
        const phaseColumns = (outWidth - c + strideColumn - 1) / strideColumn;
        const window = scratch +
          (<usize>((startRow + rowsBefore) * span + start + columnsBefore)) * 4;
        const windowEnd = window + (<usize>((phaseRows - 1) * span + phaseColumns)) * 4;
        const lastRow = firstRow + (tapRows - 1) * strideRow;
        const lastColumn = firstColumn + (taps - 1) * strideColumn;
        let filter = w + (<usize>(lastRow * kernelColumns + lastColumn)) * tap;
        for (let co: usize = 0; co < outPixel; co += 4, filter += pixel) {
          const offset = bias ? v128.load32_splat(bias + co) : f32x4.splat(0);
          let to = lines + line * (<usize>(c * outChannels + <i32>co / 4));
          for (let from = window; from < windowEnd; from += TILE * 4, to += TILE * 4) {
            let v = offset;
            let c0 = v, c1 = v, c2 = v, c3 = v, c4 = v, c5 = v;
            let aRow = from;
            let bRow = filter;
            for (let kr = tapRows; kr > 0; kr--) {
              let aTap = aRow;
              let bTap = bRow;
              for (let kc = taps; kc > 0; kc--) {
                let a = aTap;
                let b = bTap;
                for (const stop = b + pixel; b < stop; b += 4) {
                  v = v128.load32_splat(b);
                  c0 = mulAdd(c0, v128.load(a), v);
                  c1 = mulAdd(c1, v128.load(a, 16), v);
                  c2 = mulAdd(c2, v128.load(a, 32), v);
                  c3 = mulAdd(c3, v128.load(a, 48), v);
                  c4 = mulAdd(c4, v128.load(a, 64), v);
                  c5 = mulAdd(c5, v128.load(a, 80), v);
                  a += plane;
                }
                aTap += 4;
                bTap -= columnTap;
              }
              aRow += spanBytes;
              bRow -= rowTap;
            }
            v128.store(to, f32x4.pmin(f32x4.pmax(c0, lows), highs));
            v128.store(to, f32x4.pmin(f32x4.pmax(c1, lows), highs), 16);
            v128.store(to, f32x4.pmin(f32x4.pmax(c2, lows), highs), 32);
            v128.store(to, f32x4.pmin(f32x4.pmax(c3, lows), highs), 48);
            v128.store(to, f32x4.pmin(f32x4.pmax(c4, lows), highs), 64);
            v128.store(to, f32x4.pmin(f32x4.pmax(c5, lows), highs), 80);
          }
        }
      }
      for (let i = 0; i < phaseRows; i++) {
        const from = lines + (<usize>(i * span)) * 4;
        const to = image + (<usize>(((band + i) * strideRow + r) * outWidth)) * outPixel;
        spread(from, to, line, outWidth, outChannels, strideColumn);
      }
    }
  }
}

/** [pixels, channels] → [channels, pixels], channels `plane` bytes apart. */
// @ts-ignore: decorator
@inline
function toPlanes(from: usize, to: usize, pixels: i32, channels: i32, plane: usize): void {
  const pixel = (<usize>channels) * 4;
  if (pixels < 4 || channels < 4) {
    for (let p: usize = 0; p < <usize>pixels; p++) {
      for (let c: usize = 0; c < <usize>channels; c++) {
        store<f32>(to + c * plane + p * 4, load<f32>(from + p * pixel + c * 4));
      }
    }
    return;
  }
  for (let c = 0; c < channels; c += 4) {
    // The last four may overlap those before.
    const channel = <usize>min(c, channels - 4);
    let source = from + channel * 4;
    let target = to + channel * plane;
    const last = target + (<usize>(pixels - 4)) * 4;
    for (; target < last; target += 16, source += pixel * 4) {
      transpose4x4(source, pixel, target, plane);
    }
    transpose4x4(source - ((target - last) / 4) * pixel, pixel, last, plane);
  }
}

/** Writes a row of outputs from the lines [strideColumn, outChannels] of its phases. */
// @ts-ignore: decorator
@inline
function spread(
  from: usize, to: usize, line: usize, outWidth: i32, outChannels: i32, strideColumn: i32,
): void {
  let left = outWidth;
  if (outChannels == 1 && strideColumn == 2 && outWidth >= 8) {
    const pairs = outWidth & ~1;
    for (let j = 0; j < pairs; j += 8) {
      // The last eight may overlap those before.
      const first = <usize>min(j, pairs - 8);
      const source = from + first * 2;
      const target = to + first * 4;
      const even = v128.load(source);
      const odd = v128.load(source + line);
      v128.store(target, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
      v128.store(target, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
    }
    left -= pairs;
    from += (<usize>pairs) * 2;
    to += (<usize>pairs) * 4;
  }
  const step = (<usize>(outChannels * strideColumn)) * 4;
  for (let c = 0; c < min(strideColumn, left); c++) {
    for (let co = 0; co < outChannels; co++) {
      let source = from;
      let target = to;
      for (let j = c; j < left; j += strideColumn) {
        store<f32>(target, load<f32>(source));
        source += 4;
        target += step;
      }
      from += line;
      to += 4;
    }
  }
}
