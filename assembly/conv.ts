// Convolution as a matrix product without the matrix: for a kernel row, the window of a pixel is one
// contiguous run of the padded input, so the inner loop is a plain dot product over that run.
import { pixelTable } from './pixels';
import { mulAdd } from './simd';

/** Pixels of a slice. Larger or smaller blocks measured alike, 4 is up to 8 % slower. */
const BLOCK = 256;

/**
 * y[pixel, co] = bias[co] + Σ over kernelRows and run of x · w, kept within [low, high], for `pixels` =
 * images · height · width pixels. A NaN stays NaN. With a `residual` other than 0, what lies that many bytes
 * from an output is added to it, before the bounds; channels must be a multiple of 8 then.
 *
 * x is padded: the window of output pixel (n, i, j) starts at x + n·xImage + i·xRow + j·xColumn and
 * has kernelRows runs of `run` floats, xKernelRow apart. w is packed by `packPanels_f32` or
 * `packTaps_f32` to [⌈channels/8⌉, kernelRows, run, 8], and so is the bias: [⌈channels/8⌉, 8]. Pixel (n, i, j) of y is written at y + n·yImage + i·yRow +
 * j·yColumn. All distances are in bytes. Sums run over kernel rows, then along the run.
 * scratch: 2208 bytes, for the addresses of a slice's pixels and a tile. Slice s is one of `groups`
 * parts of the channels, for 256 pixels: number ⌊s / groups⌋ of them.
 *
 * The tile is 4 pixels × 8 channels: V8 hoists all loads of a loop body above the arithmetic, so
 * that 4·2 accumulators + 4 + 2 loads + 1 are the 15 registers there are; larger tiles spill. The body stands
 * twice, since what bounds the loop is how many instructions begin in a cycle.
 */
export function conv_f32(
  x: usize, w: usize, bias: usize, y: usize,
  pixels: i32, height: i32, width: i32,
  xImage: usize, xRow: usize, xColumn: usize, yImage: usize, yRow: usize, yColumn: usize,
  kernelRows: i32, run: i32, xKernelRow: usize, channels: i32,
  low: f32, high: f32, groups: i32, residual: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const table = scratch;
  const edge = table + (BLOCK + 4) * 8;
  const runBytes = (<usize>run) * 32;
  const panel = runBytes * kernelRows;
  const skip = xKernelRow - (<usize>run) * 4;
  const clipped = low > -Infinity || high < Infinity;
  const group = ((channels + 7) / 8 + groups - 1) / groups;
  let tableEnd = table;
  for (let slice = begin; slice < end; slice++) {
    const part = slice % groups;
    if (part == 0 || slice == begin) {
      const first = slice / groups * BLOCK;
      tableEnd = pixelTable(
        table, first, min(BLOCK, pixels - first), 3,
        x, y, height, width, xImage, xRow, xColumn, yImage, yRow, yColumn,
      );
    }

    let filter = w + panel * (part * group);
    const lastChannel = min(channels, (part + 1) * group * 8);
    for (let co = part * group * 8; co < lastChannel; co += 8) {
      const channel = (<usize>co) * 4;
      for (let tile = table; tile < tableEnd; tile += 32) {
        let b = filter;
        const panelEnd = filter + panel;
        let a0 = <usize>load<u32>(tile);
        let a1 = <usize>load<u32>(tile, 8);
        let a2 = <usize>load<u32>(tile, 16);
        let a3 = <usize>load<u32>(tile, 24);
        let a = f32x4.splat(0);
        let w0 = v128.load(bias + channel);
        let w1 = v128.load(bias + channel, 16);
        let c00 = w0, c01 = w1, c10 = w0, c11 = w1, c20 = w0, c21 = w1, c30 = w0, c31 = w1;
        while (b < panelEnd) {
          const runEnd = b + runBytes;
          while (b < runEnd) {
            w0 = v128.load(b);
            w1 = v128.load(b, 16);
            a = v128.load32_splat(a0);
            c00 = mulAdd(c00, a, w0);
            c01 = mulAdd(c01, a, w1);
            a = v128.load32_splat(a1);
            c10 = mulAdd(c10, a, w0);
            c11 = mulAdd(c11, a, w1);
            a = v128.load32_splat(a2);
            c20 = mulAdd(c20, a, w0);
            c21 = mulAdd(c21, a, w1);
            a = v128.load32_splat(a3);
            c30 = mulAdd(c30, a, w0);
            c31 = mulAdd(c31, a, w1);
            a0 += 4;
            a1 += 4;
            a2 += 4;
            a3 += 4;
            b += 32;
            // The branch keeps V8 from hoisting the loads below, for which it has no registers.
            if (b == runEnd) break;
            w0 = v128.load(b);
            w1 = v128.load(b, 16);
            a = v128.load32_splat(a0);
            c00 = mulAdd(c00, a, w0);
            c01 = mulAdd(c01, a, w1);
            a = v128.load32_splat(a1);
            c10 = mulAdd(c10, a, w0);
            c11 = mulAdd(c11, a, w1);
            a = v128.load32_splat(a2);
            c20 = mulAdd(c20, a, w0);
            c21 = mulAdd(c21, a, w1);
            a = v128.load32_splat(a3);
            c30 = mulAdd(c30, a, w0);
            c31 = mulAdd(c31, a, w1);
            a0 += 4;
            a1 += 4;
            a2 += 4;
            a3 += 4;
            b += 32;
          }
          a0 += skip;
          a1 += skip;
          a2 += skip;
          a3 += skip;
        }
        if (residual != 0) {
          const from = residual + channel;
          let address = (<usize>load<u32>(tile, 4)) + from;
          c00 = f32x4.add(c00, v128.load(address));
          c01 = f32x4.add(c01, v128.load(address, 16));
          address = (<usize>load<u32>(tile, 12)) + from;
          c10 = f32x4.add(c10, v128.load(address));
          c11 = f32x4.add(c11, v128.load(address, 16));
          address = (<usize>load<u32>(tile, 20)) + from;
          c20 = f32x4.add(c20, v128.load(address));
          c21 = f32x4.add(c21, v128.load(address, 16));
          address = (<usize>load<u32>(tile, 28)) + from;
          c30 = f32x4.add(c30, v128.load(address));
          c31 = f32x4.add(c31, v128.load(address, 16));
        }
        if (clipped) {
          const lows = f32x4.splat(low);
          const highs = f32x4.splat(high);
          c00 = f32x4.pmin(f32x4.pmax(c00, lows), highs);
          c01 = f32x4.pmin(f32x4.pmax(c01, lows), highs);
          c10 = f32x4.pmin(f32x4.pmax(c10, lows), highs);
          c11 = f32x4.pmin(f32x4.pmax(c11, lows), highs);
          c20 = f32x4.pmin(f32x4.pmax(c20, lows), highs);
          c21 = f32x4.pmin(f32x4.pmax(c21, lows), highs);
          c30 = f32x4.pmin(f32x4.pmax(c30, lows), highs);
          c31 = f32x4.pmin(f32x4.pmax(c31, lows), highs);
        }
        if (co + 8 <= channels) {
          let to = (<usize>load<u32>(tile, 4)) + channel;
          v128.store(to, c00);
          v128.store(to, c01, 16);
          to = (<usize>load<u32>(tile, 12)) + channel;
          v128.store(to, c10);
          v128.store(to, c11, 16);
          to = (<usize>load<u32>(tile, 20)) + channel;
          v128.store(to, c20);
          v128.store(to, c21, 16);
          to = (<usize>load<u32>(tile, 28)) + channel;
          v128.store(to, c30);
          v128.store(to, c31, 16);
        } else {
          v128.store(edge, c00);
          v128.store(edge, c01, 16);
          v128.store(edge, c10, 32);
          v128.store(edge, c11, 48);
          v128.store(edge, c20, 64);
          v128.store(edge, c21, 80);
          v128.store(edge, c30, 96);
          v128.store(edge, c31, 112);
          const bytes = (<usize>(channels - co)) * 4;
          for (let pixel: usize = 0; pixel < 4; pixel++) {
            const to = (<usize>load<u32>(tile + pixel * 8, 4)) + channel;
            const from = edge + pixel * 32;
            for (let c: usize = 0; c < bytes; c += 4) store<f32>(to + c, load<f32>(from + c));
          }
        }
      }
      filter += panel;
    }
  }
}
