// Convolution to few channels. A tile of 8 channels would be mostly empty; here the four lanes run
// along the window, and a tile is 6 pixels of one channel.
import { pixelTable } from './pixels';
import { mulAdd, sumsOf } from './simd';

/** Pixels of a slice, a multiple of 6. */
const BLOCK = 252;

/**
 * As `conv_f32`, for a `run` that is a multiple of 4. w is [channels, kernelRows, run], bias is
 * [channels]. Each sum is of four parts, one a lane. scratch: 2080 bytes. A slice is 252 pixels.
 */
export function conv_f32_narrow(
  x: usize, w: usize, bias: usize, y: usize,
  pixels: i32, height: i32, width: i32,
  xImage: usize, xRow: usize, xColumn: usize, yImage: usize, yRow: usize, yColumn: usize,
  kernelRows: i32, run: i32, xKernelRow: usize, channels: i32,
  low: f32, high: f32,
  scratch: usize, begin: i32, end: i32,
): void {
  const runBytes = (<usize>run) * 4;
  const filter = runBytes * kernelRows;
  const skip = xKernelRow - runBytes;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    const tableEnd = pixelTable(
      scratch, first, min(BLOCK, pixels - first), 5,
      x, y, height, width, xImage, xRow, xColumn, yImage, yRow, yColumn,
    );
    for (let tile = scratch; tile < tableEnd; tile += 48) {
      let b = w;
      for (let co = 0; co < channels; co++) {
        const filterEnd = b + filter;
        let a0 = <usize>load<u32>(tile);
        let a1 = <usize>load<u32>(tile, 8);
        let a2 = <usize>load<u32>(tile, 16);
        let a3 = <usize>load<u32>(tile, 24);
        let a4 = <usize>load<u32>(tile, 32);
        let a5 = <usize>load<u32>(tile, 40);
        let v = f32x4.splat(0);
        let c0 = v, c1 = v, c2 = v, c3 = v, c4 = v, c5 = v;
        while (b < filterEnd) {
          const runEnd = b + runBytes;
          while (b < runEnd) {
            v = v128.load(b);
            c0 = mulAdd(c0, v128.load(a0), v);
            c1 = mulAdd(c1, v128.load(a1), v);
            c2 = mulAdd(c2, v128.load(a2), v);
            c3 = mulAdd(c3, v128.load(a3), v);
            c4 = mulAdd(c4, v128.load(a4), v);
            c5 = mulAdd(c5, v128.load(a5), v);
            a0 += 16;
            a1 += 16;
            a2 += 16;
            a3 += 16;
            a4 += 16;
            a5 += 16;
            b += 16;
          }
          a0 += skip;
          a1 += skip;
          a2 += skip;
          a3 += skip;
          a4 += skip;
          a5 += skip;
        }
        const channel = (<usize>co) * 4;
        const offset = v128.load32_splat(bias + channel);
        const four = f32x4.add(sumsOf(c0, c1, c2, c3), offset);
        const two = f32x4.add(sumsOf(c4, c5, c4, c5), offset);
        const y0 = f32x4.pmin(f32x4.pmax(four, lows), highs);
        const y4 = f32x4.pmin(f32x4.pmax(two, lows), highs);
        v128.store_lane<f32>((<usize>load<u32>(tile, 4)) + channel, y0, 0);
        v128.store_lane<f32>((<usize>load<u32>(tile, 12)) + channel, y0, 1);
        v128.store_lane<f32>((<usize>load<u32>(tile, 20)) + channel, y0, 2);
        v128.store_lane<f32>((<usize>load<u32>(tile, 28)) + channel, y0, 3);
        v128.store_lane<f32>((<usize>load<u32>(tile, 36)) + channel, y4, 0);
        v128.store_lane<f32>((<usize>load<u32>(tile, 44)) + channel, y4, 1);
      }
    }
  }
}
