// The gradient of doubling images by bilinear interpolation with half-pixel centres. Along an axis the
// result is x[i − 1]/4 + 3x[i]/4 and 3x[i]/4 + x[i + 1]/4 in turn, with x[0] before the first and x[n − 1]
// behind the last: so dx[i] = (dy[2i − 1] + 3dy[2i] + 3dy[2i + 1] + dy[2i + 2]) / 4, with dy likewise.
import { loadPart, mulAdd, storePart } from './simd';

/**
 * dy [n, 2 · height, 2 · width, channels] → dx [n, height, width, channels]. A NaN stays NaN.
 * A slice is a row of dx.
 *
 * A row is written in strips of 16 channels, a line of the cache: what a pixel has of its first two columns waits
 * in registers for the others.
 */
export function resizeGradDouble_f32(
  dy: usize, dx: usize, height: i32, width: i32, channels: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width * 2;
  const lines = pixel & ~63;
  const vectors = pixel & ~15;
  for (let slice = begin; slice < end; slice++) {
    const h = slice % height;
    const to = dx + (<usize>slice) * pixel * width;
    const b = dy + (<usize>slice) * row * 2;
    const c = b + row;
    const a = h > 0 ? b - row : b;
    const d = h < height - 1 ? c + row : c;
    let k: usize = 0;
    for (; k < lines; k += 64) strip(4, true, to + k, a + k, b + k, c + k, d + k, width, pixel);
    for (; k < vectors; k += 16) strip(1, true, to + k, a + k, b + k, c + k, d + k, width, pixel);
    for (; k < pixel; k += 4) strip(1, false, to + k, a + k, b + k, c + k, d + k, width, pixel);
  }
}

/** `size` vectors, 1 or 4, of each pixel of a row; or one float, unless `whole`. */
// @ts-ignore: decorator
@inline
function strip(
  size: i32, whole: bool, to: usize, a: usize, b: usize, c: usize, d: usize, width: i32, pixel: usize,
): void {
  const three = f32x4.splat(3);
  const four = f32x4.splat(4);
  let s0 = f32x4.mul(column(0, whole, a, b, c, d), four);
  let s1 = s0, s2 = s0, s3 = s0;
  if (size == 4) {
    s1 = f32x4.mul(column(1, whole, a, b, c, d), four);
    s2 = f32x4.mul(column(2, whole, a, b, c, d), four);
    s3 = f32x4.mul(column(3, whole, a, b, c, d), four);
  }
  for (let left = width; left > 1; left--) {
    a += pixel;
    b += pixel;
    c += pixel;
    d += pixel;
    const n0 = column(0, whole, a, b, c, d);
    s0 = mulAdd(s0, n0, three);
    let n1 = n0, n2 = n0, n3 = n0;
    if (size == 4) {
      n1 = column(1, whole, a, b, c, d);
      s1 = mulAdd(s1, n1, three);
      n2 = column(2, whole, a, b, c, d);
      s2 = mulAdd(s2, n2, three);
      n3 = column(3, whole, a, b, c, d);
      s3 = mulAdd(s3, n3, three);
    }
    a += pixel;
    b += pixel;
    c += pixel;
    d += pixel;
    s0 = finish(0, whole, to, s0, n0, a, b, c, d);
    if (size == 4) {
      s1 = finish(1, whole, to, s1, n1, a, b, c, d);
      s2 = finish(2, whole, to, s2, n2, a, b, c, d);
      s3 = finish(3, whole, to, s3, n3, a, b, c, d);
    }
    to += pixel;
  }
  a += pixel;
  b += pixel;
  c += pixel;
  d += pixel;
  last(0, whole, to, s0, a, b, c, d);
  if (size == 4) {
    last(1, whole, to, s1, a, b, c, d);
    last(2, whole, to, s2, a, b, c, d);
    last(3, whole, to, s3, a, b, c, d);
  }
}

/** Writes a pixel, of which `sum` is all but the last column; returns what the next one has so far. */
// @ts-ignore: decorator
@inline
function finish(
  i: usize, whole: bool, to: usize, sum: v128, near: v128, a: usize, b: usize, c: usize, d: usize,
): v128 {
  const far = column(i, whole, a, b, c, d);
  storePart(whole, to + i * 16, f32x4.mul(f32x4.add(sum, far), f32x4.splat(1.0 / 16)));
  return mulAdd(near, far, f32x4.splat(3));
}

/** The last pixel, whose last column counts for the one behind it too. */
// @ts-ignore: decorator
@inline
function last(
  i: usize, whole: bool, to: usize, sum: v128, a: usize, b: usize, c: usize, d: usize,
): void {
  const all = mulAdd(sum, column(i, whole, a, b, c, d), f32x4.splat(4));
  storePart(whole, to + i * 16, f32x4.mul(all, f32x4.splat(1.0 / 16)));
}

// @ts-ignore: decorator
@inline
function column(i: usize, whole: bool, a: usize, b: usize, c: usize, d: usize): v128 {
  const outer = f32x4.add(loadPart(whole, a + i * 16), loadPart(whole, d + i * 16));
  const inner = f32x4.add(loadPart(whole, b + i * 16), loadPart(whole, c + i * 16));
  return mulAdd(outer, inner, f32x4.splat(3));
}
