import { mulAdd } from './simd';

// Exponential functions, element by element, to a few units in the last place.

/** Floats of a slice. */
const CHUNK = 8192;

const EXP = 0;
const TANH = 1;
const SOFTPLUS = 2;

/**
 * y = f(x) for `count` floats; `op` is one of the constants above. NaN stays NaN. y may be x.
 * A slice is 8192 floats.
 */
export function elementary_f32(
  x: usize, y: usize, op: i32, count: i32, begin: i32, end: i32,
): void {
  if (op == EXP) map(EXP, x, y, count, begin, end);
  else if (op == TANH) map(TANH, x, y, count, begin, end);
  else map(SOFTPLUS, x, y, count, begin, end);
}

// @ts-ignore: decorator
@inline
function map(op: i32, x: usize, y: usize, count: i32, begin: i32, end: i32): void {
  const offset = (<usize>(begin * CHUNK)) * 4;
  const stop = y + (<usize>min(end * CHUNK, count)) * 4;
  let from = x + offset;
  let to = y + offset;
  for (; to + 16 <= stop; to += 16, from += 16) {
    v128.store(to, value(op, v128.load(from)));
  }
  for (; to < stop; to += 4, from += 4) {
    v128.store_lane<f32>(to, value(op, v128.load32_splat(from)), 0);
  }
}

// @ts-ignore: decorator
@inline
function value(op: i32, x: v128): v128 {
  if (op == EXP) return exp(x);
  if (op == TANH) return tanh(x);
  return softplus(x);
}

// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const inside = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-105)), f32x4.splat(90));
  const k = exponent(inside);
  const most = f32x4.add(fraction(inside, k), f32x4.splat(1));
  // In two steps, since 2^k itself may be too large or too small for a float.
  const whole = wholeOf(k);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(most, power(half)), power(i32x4.sub(whole, half)));
}

/** e^x − 1 for x ≤ 0. */
// @ts-ignore: decorator
@inline
function expMinus1(x: v128): v128 {
  const inside = f32x4.pmax(x, f32x4.splat(-87));
  const k = exponent(inside);
  const scale = power(wholeOf(k));
  return mulAdd(f32x4.sub(scale, f32x4.splat(1)), fraction(inside, k), scale);
}

// @ts-ignore: decorator
@inline
function tanh(x: v128): v128 {
  const t = expMinus1(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
  const size = f32x4.div(f32x4.neg(t), f32x4.add(t, f32x4.splat(2)));
  return v128.bitselect(x, size, f32x4.splat(-0.0));
}

/** max(x, 0) + ln(1 + e^−|x|); the logarithm is 2·artanh(s) for s = e^−|x| / (2 + e^−|x|) ≤ 1/3. */
// @ts-ignore: decorator
@inline
function softplus(x: v128): v128 {
  const small = exp(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(small, f32x4.add(small, f32x4.splat(2)));
  const square = f32x4.mul(s, s);
  let sum = mulAdd(f32x4.splat(2.0 / 11), square, f32x4.splat(2.0 / 13));
  sum = mulAdd(f32x4.splat(2.0 / 9), square, sum);
  sum = mulAdd(f32x4.splat(2.0 / 7), square, sum);
  sum = mulAdd(f32x4.splat(2.0 / 5), square, sum);
  sum = mulAdd(f32x4.splat(2.0 / 3), square, sum);
  sum = mulAdd(f32x4.splat(2), square, sum);
  return mulAdd(f32x4.pmax(x, f32x4.splat(0)), s, sum);
}

/** 1.5 · 2²³: a float of this size has no fraction, and its last bits are a whole number. */
const WHOLE: f32 = 12582912;

/** x / ln 2 + WHOLE: rounded. */
// @ts-ignore: decorator
@inline
function exponent(x: v128): v128 {
  return mulAdd(f32x4.splat(WHOLE), x, f32x4.splat(1.44269504088896341));
}

/** The number k of an exponent, as an integer. */
// @ts-ignore: decorator
@inline
function wholeOf(k: v128): v128 {
  return i32x4.sub(k, i32x4.splat(0x4b400000));
}

/** 2^k for integers k in [−126, 127]. */
// @ts-ignore: decorator
@inline
function power(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/** e^r − 1 for r = x − k · ln 2, |r| ≤ ln 2 / 2, k by its exponent: the Taylor series to r⁷. */
// @ts-ignore: decorator
@inline
function fraction(x: v128, exponent: v128): v128 {
  const k = f32x4.sub(exponent, f32x4.splat(WHOLE));
  // ln 2 in two parts: the first has so few bits that its product with k is exact.
  const high = mulAdd(x, k, f32x4.splat(-0.693359375));
  const r = mulAdd(high, k, f32x4.splat(2.12194440e-4));
  let sum = mulAdd(f32x4.splat(1.0 / 720), r, f32x4.splat(1.0 / 5040));
  sum = mulAdd(f32x4.splat(1.0 / 120), r, sum);
  sum = mulAdd(f32x4.splat(1.0 / 24), r, sum);
  sum = mulAdd(f32x4.splat(1.0 / 6), r, sum);
  sum = mulAdd(f32x4.splat(0.5), r, sum);
  return mulAdd(r, f32x4.mul(r, r), sum);
}
