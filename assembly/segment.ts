/** Words of a column of slices. */
const COLUMNS = 256;

/**
 * sums[ids[row]] += x[row], for [rows, inner] → [segments, inner] of float32 or, where `integers`,
 * int32. Rows with an id outside of 0 … segments − 1 are left out. Rows are added in their order.
 * A slice is 256 columns.
 */
export function segmentSum_32(
  x: usize, ids: usize, sums: usize, rows: i32, inner: i32, segments: i32, integers: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>inner) * 4;
  for (let slice = begin; slice < end; slice++) {
    const first = (<usize>(slice * COLUMNS)) * 4;
    const bytes = min((<usize>COLUMNS) * 4, row - first);
    if (bytes == row) memory.fill(sums, 0, row * segments);
    else for (let s = 0; s < segments; s++) memory.fill(sums + first + (<usize>s) * row, 0, bytes);
    for (let r = 0; r < rows; r++) {
      const segment = load<i32>(ids + (<usize>r) * 4);
      if (segment < 0 || segment >= segments) continue;
      const from = x + first + (<usize>r) * row;
      const to = sums + first + (<usize>segment) * row;
      if (integers) {
        for (let c: usize = 0; c < bytes; c += 4) {
          store<i32>(to + c, load<i32>(to + c) + load<i32>(from + c));
        }
      } else {
        addRow(from, to, bytes);
      }
    }
  }
}

/** to += from. */
// @ts-ignore: decorator
@inline
function addRow(from: usize, to: usize, bytes: usize): void {
  const stop = to + bytes;
  for (const last = to + (bytes & ~63); to < last; to += 64, from += 64) {
    const a = f32x4.add(v128.load(to), v128.load(from));
    const b = f32x4.add(v128.load(to, 16), v128.load(from, 16));
    const c = f32x4.add(v128.load(to, 32), v128.load(from, 32));
    const d = f32x4.add(v128.load(to, 48), v128.load(from, 48));
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
  for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
