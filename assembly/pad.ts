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
  const kept = max(0, min(width, toWidth - left));
  const copied = pixel * kept;
  const before = pixel * left;
  const after = toRow - before - copied;
  const rows = max(0, min(height, toHeight - top));
  for (let n = begin; n < end; n++) {
    let source = from + (<usize>n) * fromRow * height;
    let target = to + (<usize>n) * toRow * toHeight;
    memory.fill(target, 0, toRow * top);
    target += toRow * top;
    for (let row = 0; row < rows; row++) {
      memory.fill(target, 0, before);
      memory.copy(target + before, source, copied);
      memory.fill(target + before + copied, 0, after);
      source += fromRow;
      target += toRow;
    }
    memory.fill(target, 0, toRow * (toHeight - top - rows));
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
