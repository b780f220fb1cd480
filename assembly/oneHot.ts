/** Indices of a slice. */
const ROWS = 1024;

/**
 * y[i] = `depth` words of `off`, that of index indices[i] `on`; all `off` where that index is not one of
 * 0 … depth − 1. A slice is 1024 indices.
 */
export function oneHot_32(
  indices: usize, y: usize, count: i32, depth: i32, on: i32, off: i32, begin: i32, end: i32,
): void {
  const row = (<usize>depth) * 4;
  let to = y + (<usize>(begin * ROWS)) * row;
  for (let i = begin * ROWS; i < min(end * ROWS, count); i++) {
    const index = load<u32>(indices + (<usize>i) * 4);
    const place = to + (<usize>index) * 4;
    for (const stop = to + row; to < stop; to += 4) store<i32>(to, off);
    if (index < <u32>depth) store<i32>(place, on);
  }
}

/** As `oneHot_32`, of bytes. */
export function oneHot_8(
  indices: usize, y: usize, count: i32, depth: i32, on: i32, off: i32, begin: i32, end: i32,
): void {
  let to = y + (<usize>(begin * ROWS)) * (<usize>depth);
  for (let i = begin * ROWS; i < min(end * ROWS, count); i++) {
    const index = load<u32>(indices + (<usize>i) * 4);
    const place = to + (<usize>index);
    for (const stop = to + (<usize>depth); to < stop; to++) store<u8>(to, <u8>off);
    if (index < <u32>depth) store<u8>(place, <u8>on);
  }
}
