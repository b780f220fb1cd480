// Convolution to channels in sixteens: as assembly/conv.ts, with another tile.
import { pixelTable } from './pixels';
import { mulAdd } from './simd';

/** Pixels of a slice. */
const BLOCK = 256;

/** sum + what is `residual` bytes from the output, if not 0, within bounds, to an output. */
// @ts-ignore: decorator
@inline
function finish(sum: v128, to: usize, residual: usize, lows: v128, highs: v128): void {
  let value = sum;
  if (residual != 0) value = f32x4.add(value, v128.load(to + residual));
  v128.store(to, f32x4.pmin(f32x4.pmax(value, lows), highs));
}

/**
 * What `conv_f32` does, for `channels` that are a multiple of 16, with w packed in panels of 16:
 * [channels/16, kernelRows, run, 16]. The bias is [channels]. scratch: 2056 bytes, for the addresses of a
 * slice's pixels. Slices are cut as those of `conv_f32`.
 *
 * A tile of 2 pixels × 16 channels moves 3 pointers a step, one of 4 × 8 moves 5, and what bounds the loop
 * is how many instructions begin in a cycle. For the same reason the body stands twice.
 */
export function conv_f32_wide(
  x: usize, w: usize, bias: usize, y: usize,
  pixels: i32, height: i32, width: i32,
  xImage: usize, xRow: usize, xColumn: usize, yImage: usize, yRow: usize, yColumn: usize,
  kernelRows: i32, run: i32, xKernelRow: usize, channels: i32,
  low: f32, high: f32, groups: i32, residual: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const runBytes = (<usize>run) * 64;
  const panel = runBytes * kernelRows;
  const skip = xKernelRow - (<usize>run) * 4;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const group = (channels / 16 + groups - 1) / groups;
  let tableEnd = scratch;
  for (let slice = begin; slice < end; slice++) {
    const part = slice % groups;
    if (part == 0 || slice == begin) {
      const first = slice / groups * BLOCK;
      tableEnd = pixelTable(
        scratch, first, min(BLOCK, pixels - first), 1,
        x, y, height, width, xImage, xRow, xColumn, yImage, yRow, yColumn,
      );
    }

    let filter = w + panel * (part * group);
    const lastChannel = min(channels, (part + 1) * group * 16);
    for (let co = part * group * 16; co < lastChannel; co += 16) {
      const channel = (<usize>co) * 4;
      const panelEnd = filter + panel;
      for (let tile = scratch; tile < tableEnd; tile += 16) {
        let b = filter;
        let a0 = <usize>load<u32>(tile);
        let a1 = <usize>load<u32>(tile, 8);
        let a = f32x4.splat(0);
        let w0 = v128.load(bias + channel);
        let w1 = v128.load(bias + channel, 16);
        let w2 = v128.load(bias + channel, 32);
        let w3 = v128.load(bias + channel, 48);
        let c00 = w0, c01 = w1, c02 = w2, c03 = w3, c10 = w0, c11 = w1, c12 = w2, c13 = w3;
        while (b < panelEnd) {
          const runEnd = b + runBytes;
          while (b < runEnd) {
            w0 = v128.load(b);
            w1 = v128.load(b, 16);
            w2 = v128.load(b, 32);
            w3 = v128.load(b, 48);
            a = v128.load32_splat(a0);
            c00 = mulAdd(c00, a, w0);
            c01 = mulAdd(c01, a, w1);
            c02 = mulAdd(c02, a, w2);
            c03 = mulAdd(c03, a, w3);
            a = v128.load32_splat(a1);
            c10 = mulAdd(c10, a, w0);
            c11 = mulAdd(c11, a, w1);
            c12 = mulAdd(c12, a, w2);
            c13 = mulAdd(c13, a, w3);
            a0 += 4;
            a1 += 4;
            b += 64;
            // The branch also keeps V8 from hoisting the loads below, for which it has no registers.
            if (b == runEnd) break;
            w0 = v128.load(b);
            w1 = v128.load(b, 16);
            w2 = v128.load(b, 32);
            w3 = v128.load(b, 48);
            a = v128.load32_splat(a0);
            c00 = mulAdd(c00, a, w0);
            c01 = mulAdd(c01, a, w1);
            c02 = mulAdd(c02, a, w2);
            c03 = mulAdd(c03, a, w3);
            a = v128.load32_splat(a1);
            c10 = mulAdd(c10, a, w0);
            c11 = mulAdd(c11, a, w1);
            c12 = mulAdd(c12, a, w2);
            c13 = mulAdd(c13, a, w3);
            a0 += 4;
            a1 += 4;
            b += 64;
          }
          a0 += skip;
          a1 += skip;
        }
        let to = (<usize>load<u32>(tile, 4)) + channel;
        finish(c00, to, residual, lows, highs);
        finish(c01, to + 16, residual, lows, highs);
        finish(c02, to + 32, residual, lows, highs);
        finish(c03, to + 48, residual, lows, highs);
        to = (<usize>load<u32>(tile, 12)) + channel;
        finish(c10, to, residual, lows, highs);
        finish(c11, to + 16, residual, lows, highs);
        finish(c12, to + 32, residual, lows, highs);
        finish(c13, to + 48, residual, lows, highs);
      }
      filter = panelEnd;
    }
  }
}
