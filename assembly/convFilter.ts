// The filter gradient: dw[kh, kw, ci, co] = Σ over pixels of x · dy, a product of two tall matrices.
// The pixels are walked in blocks that stay in the cache; a strip of 4 neighbouring (kw, ci) and, of many
// channels, a panel of 8 co are packed so that the pixel loop reads both in order.
import { mulAdd } from './simd';
import { packPanels_f32, packStrips } from './pack';

/** Adds one block of pixels to tiles [kernel row, strip, panel, 4, 8] of some strips, or sets them. */
// @ts-ignore: decorator
@inline
function blockSums(
  packed: usize, dy: usize, tiles: usize,
  images: i32, pixels: i32, skip: usize, stripBytes: usize, rowBytes: usize,
  kernelRows: i32, stride: i32, strips: i32, allStrips: i32, panels: i32,
  dyPanel: usize, dyPixel: usize, dyImage: usize, fresh: bool,
): void {
  const segment = dyPixel * pixels;
  const between = dyImage - segment;
  const next = stripBytes * min(stride, kernelRows);
  for (let panel = 0; panel < panels; panel++) {
    const bBegin = dy + dyPanel * panel;
    const bEnd = bBegin + dyImage * images;
    for (let kh = 0; kh < kernelRows; kh++) {
      let strip = packed + stripBytes * (kh % stride) + rowBytes * (kh / stride);
      let tile = tiles + (<usize>(kh * allStrips * panels + panel)) * 128;
      for (let s = 0; s < strips; s++) {
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
            // The branch also keeps V8 from hoisting the loads below, for which it has no registers.
            if (b == segmentEnd) break;
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
          b += between;
        }
        v128.store(tile, c00);
        v128.store(tile, c01, 16);
        v128.store(tile, c10, 32);
        v128.store(tile, c11, 48);
        v128.store(tile, c20, 64);
        v128.store(tile, c21, 80);
        v128.store(tile, c30, 96);
        v128.store(tile, c31, 112);
        strip += next;
        tile += (<usize>panels) * 128;
      }
    }
  }
}

/**
 * The sums of x[n, h, w, ci] · dy[n, oh, ow, co] over parts of the pixels, as tiles
 * sums[part, kernel row, strip, ⌈co/8⌉, 4, 8]. Zeros surround x, `top` rows and `left` columns of them before it.
 *
 * The pixels are cut into blocks of at most `images` images and `rows` rows, and the blocks into `parts`. A
 * slice is a part's `sliceStrips` strips, which it walks in the order of the pixels. dy is packed unless it is
 * `dense`: co a multiple of 8.
 * scratch: images · 16 bytes · ow · (sliceStrips · min(strideRow, kernelRows) ·
 * (rows + ⌈kernelRows/strideRow⌉ − 1) + (dense ? 0 : ⌈co/8⌉ · rows · 2)).
 */
export function convFilter_f32(
  x: usize, dy: usize, sums: usize,
  batch: i32, inHeight: i32, inWidth: i32, inChannels: i32,
  outHeight: i32, outWidth: i32, outChannels: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  images: i32, rows: i32, parts: i32, sliceStrips: i32, dense: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const strips = (kernelColumns * inChannels + 3) / 4;
  const panels = (outChannels + 7) / 8;
  const groups = (strips + sliceStrips - 1) / sliceStrips;
  const bands = (outHeight + rows - 1) / rows;
  const blocks = (batch + images - 1) / images * bands;
  const phases = min(strideRow, kernelRows);
  const extraRows = (kernelRows + strideRow - 1) / strideRow - 1;
  const rowBytes = (<usize>outWidth) * 16;
  const dyPixel = (<usize>outChannels) * 4;
  const dyImage = dyPixel * (outHeight * outWidth);
  const dyPacked = scratch + rowBytes * (images * sliceStrips * phases * (rows + extraRows));
  for (let slice = begin; slice < end; slice++) {
    const part = slice / groups;
    const first = slice % groups * sliceStrips;
    const count = min(sliceStrips, strips - first);
    const tiles = sums + (<usize>((part * kernelRows * strips + first) * panels)) * 128;
    const firstBlock = part * blocks / parts;
    for (let block = firstBlock; block < (part + 1) * blocks / parts; block++) {
      const n = block / bands * images;
      const row = block % bands * rows;
      const deep = min(images, batch - n);
      const high = min(rows, outHeight - row);
      const stripRows = high + extraRows;
      packStrips(
        x + (<usize>(n * inHeight * inWidth * inChannels)) * 4, scratch,
        deep, stripRows, outWidth, inHeight, inWidth, inChannels,
        row * strideRow - top, left, strideRow, strideColumn, phases, first, count,
      );
      let b = dy + dyImage * n + dyPixel * (row * outWidth);
      let bPanel: usize = 32;
      let bPixel = dyPixel;
      let bImage = dyImage;
      const pixels = high * outWidth;
      if (!dense) {
        packPanels_f32(b, dyPacked, deep, pixels, outChannels, dyImage, 8, 0, panels);
        b = dyPacked;
        bPixel = 32;
        bImage = (<usize>pixels) * 32;
        bPanel = bImage * deep;
      }
      blockSums(
        scratch, b, tiles, deep, pixels, rowBytes * extraRows, rowBytes * (stripRows * deep), rowBytes,
        kernelRows, strideRow, count, strips, panels, bPanel, bPixel, bImage, block == firstBlock,
      );
    }
  }
}

/** The tiles of all parts → [kernel row, run, co]. A slice is one of the kernel rows · run rows. */
export function unpackFilter_f32(
  sums: usize, dw: usize, parts: i32, kernelRows: i32, run: i32, channels: i32, begin: i32, end: i32,
): void {
  const strips = (run + 3) / 4;
  const panels = (channels + 7) / 8;
  const part = (<usize>(kernelRows * strips * panels)) * 128;
  const allParts = part * parts;
  for (let slice = begin; slice < end; slice++) {
    const m = slice % run;
    let from = sums + (<usize>((slice / run * strips + m / 4) * panels)) * 128 + (<usize>(m % 4)) * 32;
    let to = dw + (<usize>(slice * channels)) * 4;
    for (let count = channels; count > 0; count -= 8) {
      let low = v128.load(from);
      let high = v128.load(from, 16);
      for (let at = part; at < allParts; at += part) {
        low = f32x4.add(low, v128.load(from + at));
        high = f32x4.add(high, v128.load(from + at, 16));
      }
      if (count < 8) {
        // The first part's tile is read no more.
        v128.store(from, low);
        v128.store(from, high, 16);
        memory.copy(to, from, (<usize>count) * 4);
      } else {
        v128.store(to, low);
        v128.store(to, high, 16);
      }
      from += 128;
      to += 32;
    }
  }
}
