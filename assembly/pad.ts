/** Bytes from which on `memory.copy` and `memory.fill`, calls out of WebAssembly, are faster than a loop. */
const LONG: usize = 512;

/** `bytes` of floats from one place to another. */
// @ts-ignore: decorator
@inline
function copyFloats(from: usize, to: usize, bytes: usize): void {
  if (bytes >= LONG) {
    memory.copy(to, from, bytes);
    return;
  }
  const vectors = bytes & ~15;
  let at: usize = 0;
  for (; at < vectors; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
}

/** Floats of zero up to a place. */
// @ts-ignore: decorator
@inline
function zeroUpTo(at: usize, stop: usize): void {
  if (stop - at >= LONG) {
    memory.fill(at, 0, stop - at);
    return;
  }
  const vectors = at + ((stop - at) & ~15);
  for (; at < vectors; at += 16) v128.store(at, f32x4.splat(0));
  for (; at < stop; at += 4) store<f32>(at, 0);
}

/**
 * Copies images into larger ones of zeros: [n, h, w, c] → [n, toHeight, toWidth, c], the image's
 * first pixel at (top, left). What doesn't fit at the bottom or the right is left out.
 * A slice is one image. Writes every float of its slices' output, and nothing else.
 */
export function pad_f32(
  from: usize, to: usize,
  height: i32, width: i32, channels: i32, toHeight: i32, toWidth: i32,
  top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const fromRow = pixel * width;
  const toRow = pixel * toWidth;
  const kept = pixel * max(0, min(width, toWidth - left));
  const rows = <usize>max(0, min(height, toHeight - top));
  const before = toRow * min(top, toHeight) + pixel * min(left, toWidth);
  for (let n = begin; n < end; n++) {
    let source = from + (<usize>n) * fromRow * height;
    let zeros = to + (<usize>n) * toRow * toHeight;
    const stop = zeros + toRow * toHeight;
    let target = zeros + before;
    for (const last = source + fromRow * rows; source < last; source += fromRow) {
      zeroUpTo(zeros, target);
      copyFloats(source, target, kept);
      zeros = target + kept;
      target += toRow;
    }
    zeroUpTo(zeros, stop);
  }
}

/** Fills `count` floats with zeros. One slice. */
export function zero_f32(to: usize, count: i32, begin: i32, end: i32): void {
  memory.fill(to, 0, (<usize>count) * 4);
}

/** `count` floats over and over, `wide` in all: a multiple of `count`. One slice. */
export function widen_f32(
  from: usize, to: usize, count: i32, wide: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>count) * 4;
  for (let at: usize = 0; at < (<usize>wide) * 4; at += bytes) memory.copy(to + at, from, bytes);
}
