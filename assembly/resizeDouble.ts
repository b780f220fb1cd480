// The gradient of doubling images by bilinear interpolation with half-pixel centres. Along an axis the
// result is x[i − 1]/4 + 3x[i]/4 and 3x[i]/4 + x[i + 1]/4 in turn, with x[0] before the first and x[n − 1]
// behind the last: so dx[i] = (dy[2i − 1] + 3dy[2i] + 3dy[2i + 1] + dy[2i + 2]) / 4, with dy likewise.
import { loadPart, mulAdd, storePart } from './simd';

/**
 * dy [n, 2 · height, 2 · width, channels] → dx [n, height, width, channels]. A NaN stays NaN.
 * A slice is a row of dx.
 */
export function resizeGradDouble_f32(
  dy: usize, dx: usize, height: i32, width: i32, channels: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const vectors = pixel & ~15;
  const row = pixel * width * 2;
  let to = dx + (<usize>begin) * pixel * width;
  for (let slice = begin; slice < end; slice++) {
    const h = slice % height;
    let b = dy + (<usize>slice) * row * 2;
    let c = b + row;
    let a = h > 0 ? b - row : b;
    let d = h < height - 1 ? c + row : c;
    let k: usize = 0;
    for (; k < vectors; k += 16) start(true, to + k, a + k, b + k, c + k, d + k);
    for (; k < pixel; k += 4) start(false, to + k, a + k, b + k, c + k, d + k);
    for (let w = 1; w <= width; w++) {
      a += pixel;
      b += pixel;
      c += pixel;
      d += pixel;
      const next = w < width ? pixel : 0;
      const stop = to + pixel;
      for (const last = to + vectors; to < last; to += 16) {
        finish(true, to, a, b, c, d, next);
        a += 16;
        b += 16;
        c += 16;
        d += 16;
      }
      for (; to < stop; to += 4) {
        finish(false, to, a, b, c, d, next);
        a += 4;
        b += 4;
        c += 4;
        d += 4;
      }
    }
  }
}

/** What the first column and the one before give to a row's first element, times 16. */
// @ts-ignore: decorator
@inline
function start(whole: bool, to: usize, a: usize, b: usize, c: usize, d: usize): void {
  storePart(whole, to, f32x4.mul(column(whole, a, b, c, d), f32x4.splat(4)));
}

/** Adds what two columns give to an element of dx, and begins that `next` bytes behind; 0 at the last. */
// @ts-ignore: decorator
@inline
function finish(
  whole: bool, to: usize, a: usize, b: usize, c: usize, d: usize, next: usize,
): void {
  const three = f32x4.splat(3);
  const near = column(whole, a, b, c, d);
  const far = column(whole, a + next, b + next, c + next, d + next);
  const sum = mulAdd(f32x4.add(loadPart(whole, to), far), near, three);
  storePart(whole, to + next, mulAdd(near, far, three));
  storePart(whole, to, f32x4.mul(sum, f32x4.splat(1.0 / 16)));
}

// @ts-ignore: decorator
@inline
function column(whole: bool, a: usize, b: usize, c: usize, d: usize): v128 {
  const outer = f32x4.add(loadPart(whole, a), loadPart(whole, d));
  const inner = f32x4.add(loadPart(whole, b), loadPart(whole, c));
  return mulAdd(outer, inner, f32x4.splat(3));
}
