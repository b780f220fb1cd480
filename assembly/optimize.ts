// The steps of optimizers, one variable at a time, in one pass. Outputs may be the inputs.
import { mulAdd } from './simd';

/** Floats of a slice. */
const CHUNK = 16384;

/**
 * Adam (Kingma and Ba 2015, Algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019):
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x·keep − rate·m / (√(v·correction) + ε). `rate` holds
 * 1/(1 − β₁ᵗ), `correction` is 1/(1 − β₂ᵗ). A slice is 16384 floats.
 */
export function adam_f32(
  value: usize, gradient: usize, m: usize, v: usize, newValue: usize, newM: usize, newV: usize,
  count: i32,
  beta1: f32, beta2: f32, epsilon: f32, rate: f32, correction: f32, keep: f32,
  begin: i32, end: i32,
): void {
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1);
  const c2 = f32x4.splat(1 - beta2);
  const e = f32x4.splat(epsilon);
  const r = f32x4.splat(rate);
  const c = f32x4.splat(correction);
  const k = f32x4.splat(keep);
  const stop = min(end * CHUNK, count);
  for (let i = begin * CHUNK; i < stop; i += 4) {
    const at = (<usize>i) * 4;
    const left = stop - i;
    const g = loadUpTo4(gradient + at, left);
    const m1 = mulAdd(f32x4.mul(loadUpTo4(m + at, left), b1), g, c1);
    const v1 = mulAdd(f32x4.mul(loadUpTo4(v + at, left), b2), f32x4.mul(g, g), c2);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v1, c)), e);
    const step = f32x4.div(f32x4.mul(m1, r), root);
    storeUpTo4(newM + at, m1, left);
    storeUpTo4(newV + at, v1, left);
    storeUpTo4(newValue + at, f32x4.sub(f32x4.mul(loadUpTo4(value + at, left), k), step), left);
  }
}

/**
 * Gradient descent with momentum: a ← momentum·a + g, x ← x − rate·(nesterov ? g + momentum·a : a).
 * A slice is 16384 floats.
 */
export function momentum_f32(
  value: usize, gradient: usize, a: usize, newValue: usize, newA: usize,
  count: i32, momentum: f32, rate: f32, nesterov: i32,
  begin: i32, end: i32,
): void {
  const u = f32x4.splat(momentum);
  const r = f32x4.splat(rate);
  const stop = min(end * CHUNK, count);
  for (let i = begin * CHUNK; i < stop; i += 4) {
    const at = (<usize>i) * 4;
    const left = stop - i;
    const g = loadUpTo4(gradient + at, left);
    const a1 = mulAdd(g, loadUpTo4(a + at, left), u);
    const direction = nesterov ? mulAdd(g, a1, u) : a1;
    storeUpTo4(newA + at, a1, left);
    const moved = f32x4.sub(loadUpTo4(value + at, left), f32x4.mul(direction, r));
    storeUpTo4(newValue + at, moved, left);
  }
}

/** Plain gradient descent: x ← x − rate·g. A slice is 16384 floats. */
export function descend_f32(
  value: usize, gradient: usize, newValue: usize, count: i32, rate: f32, begin: i32, end: i32,
): void {
  const r = f32x4.splat(rate);
  const stop = min(end * CHUNK, count);
  for (let i = begin * CHUNK; i < stop; i += 4) {
    const at = (<usize>i) * 4;
    const left = stop - i;
    const step = f32x4.mul(loadUpTo4(gradient + at, left), r);
    storeUpTo4(newValue + at, f32x4.sub(loadUpTo4(value + at, left), step), left);
  }
}

/**
 * RMSProp with momentum: s ← decay·s + (1 − decay)·g², a ← momentum·a + rate·g / √(s + ε), x ← x − a.
 * With `c` (else 0) centred: c ← decay·c + (1 − decay)·g, and s − c² in place of s under the root.
 * A slice is 16384 floats.
 */
export function rmsProp_f32(
  value: usize, gradient: usize, s: usize, a: usize, c: usize,
  newValue: usize, newS: usize, newA: usize, newC: usize,
  count: i32, decay: f32, momentum: f32, epsilon: f32, rate: f32,
  begin: i32, end: i32,
): void {
  const d = f32x4.splat(decay);
  const d1 = f32x4.splat(1 - decay);
  const u = f32x4.splat(momentum);
  const e = f32x4.splat(epsilon);
  const r = f32x4.splat(rate);
  const stop = min(end * CHUNK, count);
  for (let i = begin * CHUNK; i < stop; i += 4) {
    const at = (<usize>i) * 4;
    const left = stop - i;
    const g = loadUpTo4(gradient + at, left);
    const s1 = mulAdd(f32x4.mul(loadUpTo4(s + at, left), d), f32x4.mul(g, g), d1);
    let spread = s1;
    if (c) {
      const c1 = mulAdd(f32x4.mul(loadUpTo4(c + at, left), d), g, d1);
      storeUpTo4(newC + at, c1, left);
      spread = f32x4.sub(s1, f32x4.mul(c1, c1));
    }
    const step = f32x4.div(f32x4.mul(g, r), f32x4.sqrt(f32x4.add(spread, e)));
    const a1 = mulAdd(step, loadUpTo4(a + at, left), u);
    storeUpTo4(newS + at, s1, left);
    storeUpTo4(newA + at, a1, left);
    storeUpTo4(newValue + at, f32x4.sub(loadUpTo4(value + at, left), a1), left);
  }
}

/** Four floats, or at the end of a tensor the `left` that there are, then zeros. */
// @ts-ignore: decorator
@inline
function loadUpTo4(from: usize, left: i32): v128 {
  if (left >= 4) return v128.load(from);
  let v = v128.load32_zero(from);
  if (left > 1) v = v128.load_lane<f32>(from + 4, v, 1);
  if (left > 2) v = v128.load_lane<f32>(from + 8, v, 2);
  return v;
}

// @ts-ignore: decorator
@inline
function storeUpTo4(to: usize, v: v128, left: i32): void {
  if (left >= 4) {
    v128.store(to, v);
    return;
  }
  v128.store_lane<f32>(to, v, 0);
  if (left > 1) v128.store_lane<f32>(to + 4, v, 1);
  if (left > 2) v128.store_lane<f32>(to + 8, v, 2);
}
