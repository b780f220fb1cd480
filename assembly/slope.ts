// Gradients of activations, in one pass.

/** Floats of a slice. */
const CHUNK = 16384;

const RELU = 0;
const RELU6 = 1;
const LEAKY_RELU = 2;
const ELU = 3;
const SIGMOID = 4;
const TANH = 5;
const SQUARE = 6;

/**
 * dx = dy · slope(value), for `count` floats; `op` is one of the constants above. The value is the
 * activation's input, or its output where that tells the slope (elu, sigmoid, tanh). Where it is
 * NaN, dy goes through. dx may be dy. A slice is 16384 floats.
 */
export function slope_f32(
  value: usize, dy: usize, dx: usize, op: i32, alpha: f32, count: i32, begin: i32, end: i32,
): void {
  if (op == RELU) map(RELU, value, dy, dx, alpha, count, begin, end);
  else if (op == RELU6) map(RELU6, value, dy, dx, alpha, count, begin, end);
  else if (op == LEAKY_RELU) map(LEAKY_RELU, value, dy, dx, alpha, count, begin, end);
  else if (op == ELU) map(ELU, value, dy, dx, alpha, count, begin, end);
  else if (op == SIGMOID) map(SIGMOID, value, dy, dx, alpha, count, begin, end);
  else if (op == TANH) map(TANH, value, dy, dx, alpha, count, begin, end);
  else map(SQUARE, value, dy, dx, alpha, count, begin, end);
}

// @ts-ignore: decorator
@inline
function map(
  op: i32, value: usize, dy: usize, dx: usize, alpha: f32, count: i32, begin: i32, end: i32,
): void {
  const first = begin * CHUNK;
  const floats = min(end * CHUNK, count) - first;
  const offset = (<usize>first) * 4;
  const alphas = f32x4.splat(alpha);
  let v = value + offset;
  let d = dy + offset;
  let to = dx + offset;
  const vectorEnd = to + (<usize>(floats & ~3)) * 4;
  const stop = to + (<usize>floats) * 4;
  while (to < vectorEnd) {
    v128.store(to, sloped(op, v128.load(v), v128.load(d), alphas));
    v += 16;
    d += 16;
    to += 16;
  }
  while (to < stop) {
    const one = sloped(op, v128.load32_splat(v), v128.load32_splat(d), alphas);
    v128.store_lane<f32>(to, one, 0);
    v += 4;
    d += 4;
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function sloped(op: i32, value: v128, dy: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (op == RELU) return v128.andnot(dy, f32x4.le(value, zero));
  if (op == RELU6) {
    const above = f32x4.gt(value, f32x4.splat(6));
    return v128.andnot(dy, v128.or(f32x4.le(value, zero), above));
  }
  if (op == LEAKY_RELU) {
    return v128.bitselect(f32x4.mul(dy, alpha), dy, f32x4.le(value, zero));
  }
  if (op == ELU) {
    return v128.bitselect(f32x4.mul(dy, f32x4.add(value, one)), dy, f32x4.lt(value, zero));
  }
  if (op == SIGMOID) return f32x4.mul(dy, f32x4.mul(value, f32x4.sub(one, value)));
  if (op == TANH) return f32x4.mul(dy, f32x4.sub(one, f32x4.mul(value, value)));
  return f32x4.mul(dy, f32x4.add(value, value));
}
