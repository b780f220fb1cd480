// The filter gradient: dw[kh, kw, ci, co] = Σ over pixels of x · dy, a product of two tall matrices.
// The pixels are walked in blocks that stay in the cache; a strip of 4 neighbouring (kw, ci) and, of many
// channels, a panel of 8 co are packed so that the pixel loop reads both in order.
import { mulAdd } from './simd';
import { packStrips_f32 } from './pack';

/**
 * Adds one block of pixels to the accumulator tiles: [kernel row, strip, ⌈co/8⌉, 4, 8].
 *
 * x is padded as for `packStrips_f32`. The block has images · rows · columns pixels, of which panel p of dy
 * has 8 channels each at dy + p · dyPanel, dyPixel bytes apart. When `fresh` the tiles start at zero.
 * scratch: sliceStrips · phases · images · (rows + ⌈kernelRows/stride⌉ − 1) · columns · 16 bytes, with
 * phases = min(stride, kernelRows).
 * A slice is `sliceStrips` strips. Sums run in the order of the pixels, whatever the blocks are.
 */
export function convFilter_f32(
  x: usize, dy: usize, tiles: usize,
  images: i32, rows: i32, columns: i32, xImage: usize, xRow: usize, xColumn: usize,
  kernelRows: i32, run: i32, stride: i32, channels: i32,
  dyPanel: usize, dyPixel: usize, fresh: i32, sliceStrips: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const allStrips = (run + 3) / 4;
  const panels = (channels + 7) / 8;
  const phases = min(stride, kernelRows);
  const stripRows = rows + (kernelRows + stride - 1) / stride - 1;
  const rowBytes = (<usize>columns) * 16;
  const stripBytes = rowBytes * stripRows * images;
  const segment = dyPixel * (rows * columns);
  const skip = rowBytes * (stripRows - rows);
  for (let slice = begin; slice < end; slice++) {
    const first = slice * sliceStrips;
    const last = min(first + sliceStrips, allStrips);
    packStrips_f32(
      x, scratch, images, stripRows, columns, xImage, xRow, xColumn, stride, phases, first, last,
    );
    for (let panel = 0; panel < panels; panel++) {
      const bBegin = dy + dyPanel * panel;
      const bEnd = bBegin + segment * images;
      for (let kh = 0; kh < kernelRows; kh++) {
        let strip = scratch + stripBytes * (kh % stride) + rowBytes * (kh / stride);
        let tile = tiles + (<usize>((kh * allStrips + first) * panels + panel)) * 128;
        for (let s = first; s < last; s++) {
          let a = strip;
          let b = bBegin;
          let low = f32x4.splat(0);
          let high = low;
          let a0 = low, a1 = low, a2 = low, a3 = low;
          let c00 = low, c01 = low, c10 = low, c11 = low, c20 = low, c21 = low, c30 = low, c31 = low;
          if (!fresh) {
            c00 = v128.load(tile);
            c01 = v128.load(tile, 16);
            c10 = v128.load(tile, 32);
            c11 = v128.load(tile, 48);
            c20 = v128.load(tile, 64);
            c21 = v128.load(tile, 80);
            c30 = v128.load(tile, 96);
            c31 = v128.load(tile, 112);
          }
          while (b < bEnd) {
            const segmentEnd = b + segment;
            while (b < segmentEnd) {
              low = v128.load(b);
              high = v128.load(b, 16);
              a0 = v128.load32_splat(a);
              c00 = mulAdd(c00, a0, low);
              c01 = mulAdd(c01, a0, high);
              a1 = v128.load32_splat(a, 4);
              c10 = mulAdd(c10, a1, low);
              c11 = mulAdd(c11, a1, high);
              a2 = v128.load32_splat(a, 8);
              c20 = mulAdd(c20, a2, low);
              c21 = mulAdd(c21, a2, high);
              a3 = v128.load32_splat(a, 12);
              c30 = mulAdd(c30, a3, low);
              c31 = mulAdd(c31, a3, high);
              a += 16;
              b += dyPixel;
            }
            a += skip;
          }
          v128.store(tile, c00);
          v128.store(tile, c01, 16);
          v128.store(tile, c10, 32);
          v128.store(tile, c11, 48);
          v128.store(tile, c20, 64);
          v128.store(tile, c21, 80);
          v128.store(tile, c30, 96);
          v128.store(tile, c31, 112);
          strip += stripBytes * phases;
          tile += (<usize>panels) * 128;
        }
      }
    }
  }
}

/** Accumulator tiles → [kernel row, run, co]. A slice is one kernel row. */
export function unpackFilter_f32(
  tiles: usize, dw: usize, run: i32, channels: i32, begin: i32, end: i32,
): void {
  const strips = (run + 3) / 4;
  const panels = (channels + 7) / 8;
  for (let kh = begin; kh < end; kh++) {
    for (let m = 0; m < run; m++) {
      const row = tiles + (<usize>((kh * strips + m / 4) * panels)) * 128 + (<usize>(m % 4)) * 32;
      const to = dw + (<usize>((kh * run + m) * channels)) * 4;
      for (let panel = 0; panel < panels; panel++) {
        const from = row + (<usize>panel) * 128;
        const target = to + (<usize>panel) * 32;
        const count = channels - panel * 8;
        if (count >= 8) {
          v128.store(target, v128.load(from));
          v128.store(target, v128.load(from, 16), 16);
        } else {
          for (let j = 0; j < count; j++) {
            store<f32>(target + (<usize>j) * 4, load<f32>(from + (<usize>j) * 4));
          }
        }
      }
    }
  }
}
