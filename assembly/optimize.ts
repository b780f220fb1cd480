// The steps of optimizers, one variable at a time, in one pass. Outputs may be the inputs.
import { loadPart, mulAdd, storePart } from './simd';

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
  let at = (<usize>(begin * CHUNK)) * 4;
  const stop = (<usize>min(end * CHUNK, count)) * 4;
  for (; at + 16 <= stop; at += 16) {
    adamPart(
      true, at, value, gradient, m, v, newValue, newM, newV, b1, b2, c1, c2, e, r, c, k,
    );
  }
  for (; at < stop; at += 4) {
    adamPart(
      false, at, value, gradient, m, v, newValue, newM, newV, b1, b2, c1, c2, e, r, c, k,
    );
  }
}

// @ts-ignore: decorator
@inline
function adamPart(
  whole: bool, at: usize,
  value: usize, gradient: usize, m: usize, v: usize, newValue: usize, newM: usize, newV: usize,
  b1: v128, b2: v128, c1: v128, c2: v128, e: v128, r: v128, c: v128, k: v128,
): void {
  const g = loadPart(whole, gradient + at);
  const m1 = mulAdd(f32x4.mul(loadPart(whole, m + at), b1), g, c1);
  const v1 = mulAdd(f32x4.mul(loadPart(whole, v + at), b2), f32x4.mul(g, g), c2);
  const root = f32x4.add(f32x4.sqrt(f32x4.mul(v1, c)), e);
  const step = f32x4.div(f32x4.mul(m1, r), root);
  storePart(whole, newM + at, m1);
  storePart(whole, newV + at, v1);
  storePart(whole, newValue + at, f32x4.sub(f32x4.mul(loadPart(whole, value + at), k), step));
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
  let at = (<usize>(begin * CHUNK)) * 4;
  const stop = (<usize>min(end * CHUNK, count)) * 4;
  for (; at + 16 <= stop; at += 16) {
    momentumPart(
      true, at, value, gradient, a, newValue, newA, u, r, nesterov,
    );
  }
  for (; at < stop; at += 4) {
    momentumPart(
      false, at, value, gradient, a, newValue, newA, u, r, nesterov,
    );
  }
}

// @ts-ignore: decorator
@inline
function momentumPart(
  whole: bool, at: usize,
  value: usize, gradient: usize, a: usize, newValue: usize, newA: usize,
  u: v128, r: v128, nesterov: i32,
): void {
  const g = loadPart(whole, gradient + at);
  const a1 = mulAdd(g, loadPart(whole, a + at), u);
  const direction = nesterov ? mulAdd(g, a1, u) : a1;
  storePart(whole, newA + at, a1);
  const moved = f32x4.sub(loadPart(whole, value + at), f32x4.mul(direction, r));
  storePart(whole, newValue + at, moved);
}

/** Plain gradient descent: x ← x − rate·g. A slice is 16384 floats. */
export function descend_f32(
  value: usize, gradient: usize, newValue: usize, count: i32, rate: f32, begin: i32, end: i32,
): void {
  const r = f32x4.splat(rate);
  let at = (<usize>(begin * CHUNK)) * 4;
  const stop = (<usize>min(end * CHUNK, count)) * 4;
  for (; at + 16 <= stop; at += 16) {
    descendPart(
      true, at, value, gradient, newValue, r,
    );
  }
  for (; at < stop; at += 4) {
    descendPart(
      false, at, value, gradient, newValue, r,
    );
  }
}

// @ts-ignore: decorator
@inline
function descendPart(
  whole: bool, at: usize,
  value: usize, gradient: usize, newValue: usize, r: v128,
): void {
  const step = f32x4.mul(loadPart(whole, gradient + at), r);
  storePart(whole, newValue + at, f32x4.sub(loadPart(whole, value + at), step));
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
  let at = (<usize>(begin * CHUNK)) * 4;
  const stop = (<usize>min(end * CHUNK, count)) * 4;
  for (; at + 16 <= stop; at += 16) {
    rmsPropPart(
      true, at, value, gradient, s, a, c, newValue, newS, newA, newC, d, d1, u, e, r,
    );
  }
  for (; at < stop; at += 4) {
    rmsPropPart(
      false, at, value, gradient, s, a, c, newValue, newS, newA, newC, d, d1, u, e, r,
    );
  }
}

// @ts-ignore: decorator
@inline
function rmsPropPart(
  whole: bool, at: usize,
  value: usize, gradient: usize, s: usize, a: usize, c: usize,
  newValue: usize, newS: usize, newA: usize, newC: usize, d: v128, d1: v128, u: v128, e: v128, r: v128,
): void {
  const g = loadPart(whole, gradient + at);
  const s1 = mulAdd(f32x4.mul(loadPart(whole, s + at), d), f32x4.mul(g, g), d1);
  let spread = s1;
  if (c) {
    const c1 = mulAdd(f32x4.mul(loadPart(whole, c + at), d), g, d1);
    storePart(whole, newC + at, c1);
    spread = f32x4.sub(s1, f32x4.mul(c1, c1));
  }
  const step = f32x4.div(f32x4.mul(g, r), f32x4.sqrt(f32x4.add(spread, e)));
  const a1 = mulAdd(step, loadPart(whole, a + at), u);
  storePart(whole, newS + at, s1);
  storePart(whole, newA + at, a1);
  storePart(whole, newValue + at, f32x4.sub(loadPart(whole, value + at), a1));
}
