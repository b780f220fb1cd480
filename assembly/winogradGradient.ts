// The filter gradient of 3×3 convolution of stride 1 by Winograd's algorithm (see winogradLines.ts).
import { hidden, mulAdd, touch } from './simd';
import { windowAt } from './window';
import { gradientLine, INPUT_SCRATCH, inputTiles, planeBytes, tapLine } from './winogradLines';

/** Channels of a group of `winogradGroups_f32`, as in src/kernels/convolution/winogradFilterGradient.ts. */
const GROUP = 32;

/**
 * A·dy·Aᵀ of 4×4 pixels → a place in each of 36 planes of panels, `toPanel` apart, of eight channels.
 * scratch: 384 bytes.
 */
function gradientTile(
  from: usize, row: usize, pixel: usize, to: usize, toPanel: usize, plane: usize, scratch: usize,
): void {
  const four = hidden(4, scratch);
  for (let c: usize = 0; c < pixel; c += 16) {
    let column = from + c;
    for (let at = scratch; at < scratch + 64; at += 16) {
      gradientLine(column, row, at, 64, four);
      column += pixel;
    }
    let point = to + (c & 16);
    for (let at = scratch; at < scratch + 384; at += 64) {
      gradientLine(at, 16, point, plane, four);
      point += plane * 6;
    }
    to += toPanel * (c >> 4 & 1);
  }
}

/** Tiles of dy[n, oh, ow, co] → 36 planes of panels d[co/8, block, 8]. scratch: 384 + 16·co·4 bytes. */
function gradientTiles(
  dy: usize, d: usize, first: i32, count: i32, block: i32,
  height: i32, width: i32, outChannels: i32, scratch: usize,
): void {
  const across = (width + 3) / 4;
  const down = (height + 3) / 4;
  const pixel = (<usize>outChannels) * 4;
  const plane = planeBytes(block, outChannels);
  const patch = scratch + 384;
  for (let tile = first; tile < first + count; tile++) {
    const line = tile / across;
    const image = dy + pixel * (line / down * height * width);
    const from = windowAt(image, height, width, pixel, line % down * 4, tile % across * 4, 4, patch);
    const row = pixel * (from == patch ? 4 : width);
    if (tile % across == 0) touch(from, row, 4);
    gradientTile(from, row, pixel, d, (<usize>block) * 32, plane, scratch);
    d += 32;
  }
}

/** Adds the products of `count` tiles at one of the 36 points to sums[ci/4, co/8, 4, 8], or sets them. */
// @ts-ignore: decorator
@inline
function pointSums(
  v: usize, d: usize, sums: usize,
  count: i32, block: i32, inChannels: i32, outChannels: i32, fresh: bool,
): void {
  const strips = inChannels / 4;
  const panels = outChannels / 8;
  let sum = sums;
  for (let strip = 0; strip < strips; strip++) {
    for (let panel = 0; panel < panels; panel++) {
      let a = v + (<usize>(strip * block)) * 16;
      let b = d + (<usize>(panel * block)) * 32;
      const bEnd = b + (<usize>count) * 32;
      let w0 = f32x4.splat(0);
      let w1 = w0, a0 = w0, a1 = w0, a2 = w0, a3 = w0;
      let c00 = w0, c01 = w0, c10 = w0, c11 = w0, c20 = w0, c21 = w0, c30 = w0, c31 = w0;
      if (!fresh) {
        c00 = v128.load(sum);
        c01 = v128.load(sum, 16);
        c10 = v128.load(sum, 32);
        c11 = v128.load(sum, 48);
        c20 = v128.load(sum, 64);
        c21 = v128.load(sum, 80);
        c30 = v128.load(sum, 96);
        c31 = v128.load(sum, 112);
      }
      while (b < bEnd) {
        w0 = v128.load(b);
        w1 = v128.load(b, 16);
        a0 = v128.load32_splat(a);
        c00 = mulAdd(c00, a0, w0);
        c01 = mulAdd(c01, a0, w1);
        a1 = v128.load32_splat(a, 4);
        c10 = mulAdd(c10, a1, w0);
        c11 = mulAdd(c11, a1, w1);
        a2 = v128.load32_splat(a, 8);
        c20 = mulAdd(c20, a2, w0);
        c21 = mulAdd(c21, a2, w1);
        a3 = v128.load32_splat(a, 12);
        c30 = mulAdd(c30, a3, w0);
        c31 = mulAdd(c31, a3, w1);
        a += 16;
        b += 32;
      }
      v128.store(sum, c00);
      v128.store(sum, c01, 16);
      v128.store(sum, c10, 32);
      v128.store(sum, c11, 48);
      v128.store(sum, c20, 64);
      v128.store(sum, c21, 80);
      v128.store(sum, c30, 96);
      v128.store(sum, c31, 112);
      sum += 128;
    }
  }
}

/**
 * The transforms for the filter gradient, of tiles `first` … `first + count` − 1: x[n, h, w, ci] → 36 planes
 * of strips v[ci/4, block, 4], dy[n, oh, ow, co] → 36 planes of panels d[co/8, block, 8]. Zeros surround
 * both, `top` rows and `left` columns of them before x. ci is a multiple of 4, co of 8.
 * scratch: 6528 + 16·co·4 bytes. A slice is 4 tiles.
 */
export function winogradTiles_f32(
  x: usize, dy: usize, v: usize, d: usize,
  first: i32, count: i32, block: i32,
  inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32,
  inChannels: i32, outChannels: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const from = begin * 4;
  const to = min(end * 4, count);
  inputTiles(
    x, first + from, to - from, inHeight, inWidth, top, left, height, width, inChannels,
    v + (<usize>from) * 16, 16, (<usize>block) * 16, planeBytes(block, inChannels), scratch,
  );
  gradientTiles(
    dy, d + (<usize>from) * 32, first + from, to - from, block, height, width, outChannels, scratch,
  );
}

/**
 * Adds a block of tiles to the accumulators, 36 planes of [ci/4, co/8, 4, 8]: strips times panels, as in
 * assembly/convFilter.ts. When `fresh` they start at zero. A slice is one of the 36 planes.
 */
export function winogradSums_f32(
  v: usize, d: usize, sums: usize,
  count: i32, block: i32, inChannels: i32, outChannels: i32, fresh: i32,
  begin: i32, end: i32,
): void {
  const vPlane = planeBytes(block, inChannels);
  const dPlane = planeBytes(block, outChannels);
  const sumPlane = planeBytes(inChannels, outChannels);
  for (let k = <usize>begin; k < (<usize>end); k++) {
    pointSums(
      v + vPlane * k, d + dPlane * k, sums + sumPlane * k,
      count, block, inChannels, outChannels, fresh != 0,
    );
  }
}

/**
 * Both in one, for few channels: a slice is one of the parts of all tiles, and has accumulators of its own,
 * sums[part, 36 planes]. scratch: 6528 + 16·co·4 + 36·(block·ci·4 + 64) + 36·(block·co·4 + 64) bytes.
 */
export function winogradParts_f32(
  x: usize, dy: usize, sums: usize,
  tiles: i32, partTiles: i32, block: i32,
  inHeight: i32, inWidth: i32, top: i32, left: i32, height: i32, width: i32,
  inChannels: i32, outChannels: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const v = scratch + INPUT_SCRATCH + (<usize>outChannels) * 64;
  const d = v + planeBytes(block, inChannels) * 36;
  const part = planeBytes(inChannels, outChannels) * 36;
  for (let slice = begin; slice < end; slice++) {
    const last = min(tiles, (slice + 1) * partTiles);
    for (let first = slice * partTiles; first < last; first += block) {
      const count = min(block, last - first);
      winogradTiles_f32(
        x, dy, v, d, first, count, block,
        inHeight, inWidth, top, left, height, width, inChannels, outChannels,
        scratch, 0, (count + 3) / 4,
      );
      winogradSums_f32(
        v, d, sums + part * slice, count, block, inChannels, outChannels,
        first == slice * partTiles ? 1 : 0, 0, 36,
      );
    }
  }
}

/** Gᵀu G of 4 output channels: 36 planes of sums → a place in each of 9 taps. scratch: 288 bytes. */
// @ts-ignore: decorator
@inline
function taps(sums: usize, plane: usize, to: usize, tap: usize, scratch: usize): void {
  for (let j: usize = 0; j < 6; j++) tapLine(sums + plane * j, plane * 6, scratch + j * 16, 96);
  for (let i: usize = 0; i < 3; i++) tapLine(scratch + i * 96, 16, to + tap * i * 3, tap);
}

/**
 * The second half for few tiles of many channels: the sums of all tiles for GROUP input channels and as many
 * output channels stay in the second-level cache until they are taps of dw[3, 3, ci, co].
 * scratch: 288 + 36·(GROUP² · 4 + 64) bytes. A slice is one such group.
 */
export function winogradGroups_f32(
  v: usize, d: usize, dw: usize, tiles: i32, inChannels: i32, outChannels: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const vPlane = planeBytes(tiles, inChannels);
  const dPlane = planeBytes(tiles, outChannels);
  const tap = (<usize>(inChannels * outChannels)) * 4;
  const across = (outChannels + GROUP - 1) / GROUP;
  const sums = scratch + 288;
  for (let group = begin; group < end; group++) {
    const ci = group / across * GROUP;
    const co = group % across * GROUP;
    const deep = min(GROUP, inChannels - ci);
    const wide = min(GROUP, outChannels - co);
    const plane = planeBytes(deep, wide);
    const a = v + (<usize>(ci * tiles)) * 4;
    const b = d + (<usize>(co * tiles)) * 4;
    for (let k: usize = 0; k < 36; k++) {
      pointSums(a + vPlane * k, b + dPlane * k, sums + plane * k, tiles, tiles, deep, wide, true);
    }
    for (let i = 0; i < deep; i++) {
      const row = sums + (<usize>(i / 4 * wide)) * 16 + (<usize>(i % 4)) * 32;
      const to = dw + (<usize>((ci + i) * outChannels + co)) * 4;
      for (let j = 0; j < wide; j += 4) {
        const from = row + (<usize>(j / 8)) * 128 + (<usize>(j & 4)) * 4;
        taps(from, plane, to + (<usize>j) * 4, tap, scratch);
      }
    }
  }
}

/**
 * The accumulators of all parts → dw[3, 3, ci, co]. scratch: 288 + 576 bytes. A slice is one input channel.
 */
export function winogradUnpack_f32(
  sums: usize, dw: usize, parts: i32, inChannels: i32, outChannels: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const plane = planeBytes(inChannels, outChannels);
  const tap = (<usize>(inChannels * outChannels)) * 4;
  const panels = outChannels / 8;
  const total = scratch + 288;
  for (let ci = begin; ci < end; ci++) {
    const row = sums + (<usize>(ci / 4 * panels)) * 128 + (<usize>(ci % 4)) * 32;
    for (let co = 0; co < outChannels; co += 4) {
      let from = row + (<usize>(co / 8)) * 128 + (<usize>(co & 4)) * 4;
      let fromPlane = plane;
      if (parts > 1) {
        for (let k: usize = 0; k < 36; k++) {
          let sum = v128.load(from + plane * k);
          for (let part = 1; part < parts; part++) {
            sum = f32x4.add(sum, v128.load(from + plane * (36 * part + k)));
          }
          v128.store(total + k * 16, sum);
        }
        from = total;
        fromPlane = 16;
      }
      const to = dw + (<usize>(ci * outChannels + co)) * 4;
      taps(from, fromPlane, to, tap, scratch);
    }
  }
}
