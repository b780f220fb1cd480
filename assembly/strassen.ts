// Convolution with a 1×1 kernel by Strassen's algorithm in Winograd's form, one level of it: two pixels, two
// halves of the input channels and two halves of 32 output channels make 7 products of 8.
import { pixelTable } from './pixels';
import { mulAdd } from './simd';

/** Bytes of sums that are put aside: three times 2 × 16. */
const SUMS = 384;

/**
 * The filter [ci, co] → [co/32, 7, ci/2, 16], what each of the 7 products multiplies. With halves of ci one
 * above the other and halves of 32 co side by side, B = [B11 B12; B21 B22], these are B11, B21,
 * B22 − B12 + B11, B12 − B11, B22, B22 − B12 and B21 + B12 − B11 − B22. A slice is 32 output channels.
 */
export function strassenFilter_f32(
  w: usize, u: usize, inChannels: i32, outChannels: i32, begin: i32, end: i32,
): void {
  const row = (<usize>outChannels) * 4;
  const half = <usize>(inChannels / 2);
  const part = half * 64;
  for (let slice = begin; slice < end; slice++) {
    let top = w + (<usize>slice) * 128;
    let to = u + part * 7 * slice;
    for (const stop = to + part; to < stop; to += 64, top += row) {
      const bottom = top + row * half;
      for (let c: usize = 0; c < 64; c += 16) {
        const b11 = v128.load(top + c);
        const b12 = v128.load(top + c, 64);
        const b21 = v128.load(bottom + c);
        const b22 = v128.load(bottom + c, 64);
        const t1 = f32x4.sub(b12, b11);
        const t2 = f32x4.sub(b22, t1);
        let target = to + c;
        v128.store(target, b11);
        v128.store((target += part), b21);
        v128.store((target += part), t2);
        v128.store((target += part), t1);
        v128.store((target += part), b22);
        v128.store((target += part), f32x4.sub(b22, b12));
        v128.store(target + part, f32x4.sub(b21, t2));
      }
    }
  }
}

/**
 * Two pixels → [4, ci/2], factors of the products: with halves of ci side by side and the pixels one above the
 * other, A = [A11 A12; A21 A22], these are A21 + A22 − A11, A21 + A22, A12 + A11 − A21 − A22 and A11 − A21.
 */
// @ts-ignore: decorator
@inline
function packPair(first: usize, second: usize, half: usize, to: usize): void {
  for (const stop = to + half; to < stop; to += 16, first += 16, second += 16) {
    const a11 = v128.load(first);
    const a21 = v128.load(second);
    const s1 = f32x4.add(a21, v128.load(second + half));
    const s2 = f32x4.sub(s1, a11);
    let target = to;
    v128.store(target, s2);
    v128.store((target += half), s1);
    v128.store((target += half), f32x4.sub(v128.load(first + half), s2));
    v128.store(target + half, f32x4.sub(a11, a21));
  }
}

/** Sums of 16 channels + bias + what is `residual` bytes from the output, if not 0, within bounds. */
// @ts-ignore: decorator
@inline
function finish(
  c0: v128, c1: v128, c2: v128, c3: v128,
  bias: usize, to: usize, residual: usize, lows: v128, highs: v128,
): void {
  c0 = f32x4.add(c0, v128.load(bias));
  c1 = f32x4.add(c1, v128.load(bias, 16));
  c2 = f32x4.add(c2, v128.load(bias, 32));
  c3 = f32x4.add(c3, v128.load(bias, 48));
  if (residual != 0) {
    const from = to + residual;
    c0 = f32x4.add(c0, v128.load(from));
    c1 = f32x4.add(c1, v128.load(from, 16));
    c2 = f32x4.add(c2, v128.load(from, 32));
    c3 = f32x4.add(c3, v128.load(from, 48));
  }
  v128.store(to, f32x4.pmin(f32x4.pmax(c0, lows), highs));
  v128.store(to, f32x4.pmin(f32x4.pmax(c1, lows), highs), 16);
  v128.store(to, f32x4.pmin(f32x4.pmax(c2, lows), highs), 32);
  v128.store(to, f32x4.pmin(f32x4.pmax(c3, lows), highs), 48);
}

/** Puts the sums of 16 channels aside. */
// @ts-ignore: decorator
@inline
function keep(to: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  v128.store(to, c0);
  v128.store(to, c1, 16);
  v128.store(to, c2, 32);
  v128.store(to, c3, 48);
}

/**
 * What `conv_f32_wide` does with a kernel of one pixel, for `inChannels` that are a multiple of 8 and
 * `channels` of 32, by u of `strassenFilter_f32`. Pixels 2p and 2p + 1 are computed together, so that a NaN or
 * an infinity spreads to the other one. Slice s is one of `groups` parts of the channels, for `block`
 * pixels, a multiple of 4: number ⌊s / groups⌋ of them. scratch: 416 + block · (8 + 8·ci) bytes.
 *
 * With the sums P = A·B of the products, 1 to 7 in the order of `strassenFilter_f32`, the results are
 * C11 = P1 + P2, C12 = P1 + P3 + P4 + P5, C22 = P1 + P3 + P4 + P6 and C21 = P1 + P3 + P6 + P7. Sums that
 * begin alike are one chain: only P1, P1 + P3 and P1 + P3 + P4 are put aside.
 */
export function strassen_f32(
  x: usize, u: usize, bias: usize, y: usize,
  pixels: i32, height: i32, width: i32,
  xImage: usize, xRow: usize, xColumn: usize, yImage: usize, yRow: usize, yColumn: usize,
  inChannels: i32, channels: i32,
  low: f32, high: f32, groups: i32, residual: usize, block: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const p1 = scratch;
  const p13 = scratch + 128;
  const p134 = scratch + 256;
  const table = scratch + SUMS;
  const packed = table + (<usize>(block + 4)) * 8;
  const half = (<usize>inChannels) * 2;
  const pair = half * 4;
  const part = half * 16;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const zero = f32x4.splat(0);
  const group = (channels / 32 + groups - 1) / groups;
  let tableEnd = table;
  for (let slice = begin; slice < end; slice++) {
    const number = slice % groups;
    if (number == 0 || slice == begin) {
      const first = slice / groups * block;
      tableEnd = pixelTable(
        table, first, min(block, pixels - first), 3,
        x, y, height, width, xImage, xRow, xColumn, yImage, yRow, yColumn,
      );
      let to = packed;
      for (let entry = table; entry < tableEnd; entry += 32, to += pair * 2) {
        packPair(load<u32>(entry), load<u32>(entry, 8), half, to);
        packPair(load<u32>(entry, 16), load<u32>(entry, 24), half, to + pair);
      }
    }

    let filter = u + part * 7 * (number * group);
    const lastChannel = min(channels, (number + 1) * group * 32);
    for (let co = number * group * 32; co < lastChannel; co += 32, filter += part * 7) {
      const channel = (<usize>co) * 4;
      const offsets = bias + channel;
      let sums = packed;
      for (let tile = table; tile < tableEnd; tile += 32, sums += pair * 2) {
        let a0 = <usize>load<u32>(tile);
        let a1 = <usize>load<u32>(tile, 16);
        let b = filter;
        let a = zero, w0 = zero, w1 = zero, w2 = zero, w3 = zero;
        let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
        let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
        for (let product = 0; ; product++) {
          const partEnd = b + part;
          while (b < partEnd) {
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
            // As in conv_f32_wide.
            if (b == partEnd) break;
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
          if (product == 0) {
            keep(p1, c00, c01, c02, c03);
            keep(p1 + 64, c10, c11, c12, c13);
          } else if (product == 1) {
            const to0 = channel + load<u32>(tile, 4);
            const to1 = channel + load<u32>(tile, 20);
            finish(c00, c01, c02, c03, offsets, to0, residual, lows, highs);
            finish(c10, c11, c12, c13, offsets, to1, residual, lows, highs);
            a0 = sums;
            a1 = sums + pair;
            c00 = v128.load(p1);
            c01 = v128.load(p1, 16);
            c02 = v128.load(p1, 32);
            c03 = v128.load(p1, 48);
            c10 = v128.load(p1, 64);
            c11 = v128.load(p1, 80);
            c12 = v128.load(p1, 96);
            c13 = v128.load(p1, 112);
          } else if (product == 2) {
            keep(p13, c00, c01, c02, c03);
            keep(p13 + 64, c10, c11, c12, c13);
          } else if (product == 3) {
            keep(p134, c00, c01, c02, c03);
            keep(p134 + 64, c10, c11, c12, c13);
          } else if (product == 4) {
            const to0 = channel + load<u32>(tile, 4) + 64;
            const to1 = channel + load<u32>(tile, 20) + 64;
            finish(c00, c01, c02, c03, offsets + 64, to0, residual, lows, highs);
            finish(c10, c11, c12, c13, offsets + 64, to1, residual, lows, highs);
            c00 = zero;
            c01 = zero;
            c02 = zero;
            c03 = zero;
            c10 = zero;
            c11 = zero;
            c12 = zero;
            c13 = zero;
          } else if (product == 5) {
            const to0 = channel + load<u32>(tile, 12) + 64;
            const to1 = channel + load<u32>(tile, 28) + 64;
            finish(
              f32x4.add(c00, v128.load(p134)), f32x4.add(c01, v128.load(p134, 16)),
              f32x4.add(c02, v128.load(p134, 32)), f32x4.add(c03, v128.load(p134, 48)),
              offsets + 64, to0, residual, lows, highs,
            );
            finish(
              f32x4.add(c10, v128.load(p134, 64)), f32x4.add(c11, v128.load(p134, 80)),
              f32x4.add(c12, v128.load(p134, 96)), f32x4.add(c13, v128.load(p134, 112)),
              offsets + 64, to1, residual, lows, highs,
            );
            a0 = half + load<u32>(tile, 8);
            a1 = half + load<u32>(tile, 24);
            c00 = f32x4.add(c00, v128.load(p13));
            c01 = f32x4.add(c01, v128.load(p13, 16));
            c02 = f32x4.add(c02, v128.load(p13, 32));
            c03 = f32x4.add(c03, v128.load(p13, 48));
            c10 = f32x4.add(c10, v128.load(p13, 64));
            c11 = f32x4.add(c11, v128.load(p13, 80));
            c12 = f32x4.add(c12, v128.load(p13, 96));
            c13 = f32x4.add(c13, v128.load(p13, 112));
          } else {
            const to0 = channel + load<u32>(tile, 12);
            const to1 = channel + load<u32>(tile, 28);
            finish(c00, c01, c02, c03, offsets, to0, residual, lows, highs);
            finish(c10, c11, c12, c13, offsets, to1, residual, lows, highs);
            break;
          }
        }
      }
    }
  }
}
