const ADD = 0;
const SUB = 1;
const SUB_FROM = 2;
const MULTIPLY = 3;
const MAXIMUM = 4;
const MINIMUM = 5;

/**
 * y[i] = a[i] ∘ b[i mod wide] for `count` floats; `op` is one of the constants above. wide is a
 * multiple of 4. y may be a. A slice is `sliceRows` rows of `wide` floats.
 */
export function broadcast_f32(
  a: usize, b: usize, y: usize, op: i32, count: i32, wide: i32, sliceRows: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  const first = (<usize>(begin * sliceRows)) * row;
  const stop = y + (<usize>min(end * sliceRows * wide, count)) * 4;
  let from = a + first;
  for (let to = y + first; to < stop; to += row, from += row) {
    apply(op, from, b, to, min(row, stop - to));
  }
}

/** y[i] = a[i] ∘ b[i] for `count` floats; `op` as above. y may be a or b. A slice is 16384 floats. */
export function binary_f32(
  a: usize, b: usize, y: usize, op: i32, count: i32, begin: i32, end: i32,
): void {
  const first = (<usize>begin) * 65536;
  const part = min(end * 16384, count) - begin * 16384;
  apply(op, a + first, b + first, y + first, (<usize>part) * 4);
}

// Loops of one function share its registers: those after the first are a third slower.

// @ts-ignore: decorator
@inline
function apply(op: i32, a: usize, b: usize, y: usize, bytes: usize): void {
  if (op == ADD) add(a, b, y, bytes);
  else if (op == SUB) sub(a, b, y, bytes);
  else if (op == SUB_FROM) subFrom(a, b, y, bytes);
  else if (op == MULTIPLY) multiply(a, b, y, bytes);
  else if (op == MAXIMUM) maximum(a, b, y, bytes);
  else minimum(a, b, y, bytes);
}

function add(a: usize, b: usize, y: usize, bytes: usize): void {
  map(ADD, a, b, y, bytes);
}

function sub(a: usize, b: usize, y: usize, bytes: usize): void {
  map(SUB, a, b, y, bytes);
}

function subFrom(a: usize, b: usize, y: usize, bytes: usize): void {
  map(SUB_FROM, a, b, y, bytes);
}

function multiply(a: usize, b: usize, y: usize, bytes: usize): void {
  map(MULTIPLY, a, b, y, bytes);
}

function maximum(a: usize, b: usize, y: usize, bytes: usize): void {
  map(MAXIMUM, a, b, y, bytes);
}

function minimum(a: usize, b: usize, y: usize, bytes: usize): void {
  map(MINIMUM, a, b, y, bytes);
}

// @ts-ignore: decorator
@inline
function map(op: i32, a: usize, b: usize, y: usize, bytes: usize): void {
  const stop = y + bytes;
  // Four vectors a round: the counting costs as much as the arithmetic.
  for (const last = y + (bytes & ~63); y < last; y += 64, a += 64, b += 64) {
    const y0 = applied(op, v128.load(a), v128.load(b));
    const y1 = applied(op, v128.load(a, 16), v128.load(b, 16));
    const y2 = applied(op, v128.load(a, 32), v128.load(b, 32));
    const y3 = applied(op, v128.load(a, 48), v128.load(b, 48));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (const last = y + ((stop - y) & ~15); y < last; y += 16, a += 16, b += 16) {
    v128.store(y, applied(op, v128.load(a), v128.load(b)));
  }
  for (; y < stop; y += 4, a += 4, b += 4) {
    v128.store_lane<f32>(y, applied(op, v128.load32_splat(a), v128.load32_splat(b)), 0);
  }
}

// @ts-ignore: decorator
@inline
function applied(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == SUB_FROM) return f32x4.sub(b, a);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  // A NaN of either stays.
  return op == MAXIMUM ? f32x4.max(a, b) : f32x4.min(a, b);
}
