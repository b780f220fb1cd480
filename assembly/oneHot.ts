/** Indices of a slice, and of a block, which is filled before its indices are looked at. */
const ROWS = 1024;
const BLOCK = 64;

/**
 * y[i] = `depth` words of `off`, that of index indices[i] `on`; all `off` where that index is not one of
 * 0 … depth − 1. A slice is 1024 indices.
 */
export function oneHot_32(
  indices: usize, y: usize, count: i32, depth: i32, on: i32, off: i32, begin: i32, end: i32,
): void {
  const row = (<usize>depth) * 4;
  const stop = min(end * ROWS, count);
  const offs = i32x4.splat(off);
  for (let i = begin * ROWS; i < stop; ) {
    const blockEnd = min(i + BLOCK, stop);
    let to = y + (<usize>i) * row;
    fill(to, offs, row * (blockEnd - i));
    for (; i < blockEnd; i++, to += row) {
      const index = load<u32>(indices + (<usize>i) * 4);
      if (index < <u32>depth) store<i32>(to + (<usize>index) * 4, on);
    }
  }
}

/** As `oneHot_32`, of bytes. */
export function oneHot_8(
  indices: usize, y: usize, count: i32, depth: i32, on: i32, off: i32, begin: i32, end: i32,
): void {
  const row = <usize>depth;
  const stop = min(end * ROWS, count);
  const offs = i8x16.splat(<i8>off);
  for (let i = begin * ROWS; i < stop; ) {
    const blockEnd = min(i + BLOCK, stop);
    let to = y + (<usize>i) * row;
    fill(to, offs, row * (blockEnd - i));
    for (; i < blockEnd; i++, to += row) {
      const index = load<u32>(indices + (<usize>i) * 4);
      if (index < <u32>depth) store<u8>(to + index, <u8>on);
    }
  }
}

/** Writes `value`, of equal words or bytes, to `bytes`. */
// @ts-ignore: decorator
@inline
function fill(to: usize, value: v128, bytes: usize): void {
  const stop = to + bytes;
  for (const last = to + (bytes & ~63); to < last; to += 64) {
    v128.store(to, value);
    v128.store(to, value, 16);
    v128.store(to, value, 32);
    v128.store(to, value, 48);
  }
  for (const last = to + ((stop - to) & ~3); to < last; to += 4) v128.store_lane<u32>(to, value, 0);
  for (; to < stop; to++) v128.store_lane<u8>(to, value, 0);
}
