const ADD = 0;
const SUB = 1;
const SUB_FROM = 2;

/**
 * y[i] = a[i] ∘ b[i mod wide] for `count` floats; `op` is one of the constants above, or multiplies. wide
 * is a multiple of 4. y may be a. A slice is `sliceRows` rows of `wide` floats.
 */
export function broadcast_f32(
  a: usize, b: usize, y: usize, op: i32, count: i32, wide: i32, sliceRows: i32,
  begin: i32, end: i32,
): void {
  if (op == ADD) map(ADD, a, b, y, count, wide, sliceRows, begin, end);
  else if (op == SUB) map(SUB, a, b, y, count, wide, sliceRows, begin, end);
  else if (op == SUB_FROM) map(SUB_FROM, a, b, y, count, wide, sliceRows, begin, end);
  else map(3, a, b, y, count, wide, sliceRows, begin, end);
}

/** y[i] = a[i] ∘ b[i] for `count` floats; `op` as above. y may be a or b. A slice is 16384 floats. */
export function binary_f32(
  a: usize, b: usize, y: usize, op: i32, count: i32, begin: i32, end: i32,
): void {
  // The operands as one row, of which each slice is a part.
  const first = (<usize>begin) * 65536;
  const part = min(end * 16384, count) - begin * 16384;
  broadcast_f32(a + first, b + first, y + first, op, part, part, 1, 0, 1);
}

// @ts-ignore: decorator
@inline
function map(
  op: i32, a: usize, b: usize, y: usize, count: i32, wide: i32, sliceRows: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  const first = (<usize>(begin * sliceRows)) * row;
  const stop = y + (<usize>min(end * sliceRows * wide, count)) * 4;
  let from = a + first;
  let to = y + first;
  while (to < stop) {
    let small = b;
    const rowEnd = min(to + row, stop);
    // Four vectors a round: the counting costs as much as the arithmetic.
    for (const last = to + ((rowEnd - to) & ~63); to < last; to += 64, from += 64, small += 64) {
      const y0 = applied(op, v128.load(from), v128.load(small));
      const y1 = applied(op, v128.load(from, 16), v128.load(small, 16));
      const y2 = applied(op, v128.load(from, 32), v128.load(small, 32));
      const y3 = applied(op, v128.load(from, 48), v128.load(small, 48));
      v128.store(to, y0);
      v128.store(to, y1, 16);
      v128.store(to, y2, 32);
      v128.store(to, y3, 48);
    }
    for (const last = to + ((rowEnd - to) & ~15); to < last; to += 16, from += 16, small += 16) {
      v128.store(to, applied(op, v128.load(from), v128.load(small)));
    }
    for (; to < rowEnd; to += 4, from += 4, small += 4) {
      const value = applied(op, v128.load32_splat(from), v128.load32_splat(small));
      v128.store_lane<f32>(to, value, 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function applied(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == SUB_FROM) return f32x4.sub(b, a);
  return f32x4.mul(a, b);
}
