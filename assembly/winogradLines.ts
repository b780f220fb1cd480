// The transforms of 3×3 convolution of stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016, section
// 4.3): a tile of 6×6 inputs and the filter are each transformed to 36 points, where the convolution is
// a product; 36 matrix products over channels in place of 144. The points are 0, ±1, ±2 and ∞, which
// costs a digit: relative RMS errors of 1e-6 to 4e-6 in place of 2e-7 to 1e-6.
//
// All transforms are one-dimensional ones along columns, then along rows, 4 channels at a time.
// Planes of the 36 points lie 64 bytes off a multiple of their size: a power of two between 36 streams
// would put them all in one set of the first-level cache.
import { mulAdd } from './simd';

/** Bytes from one of the 36 planes to the next. */
// @ts-ignore: decorator
@inline
export function planeBytes(rows: i32, columns: i32): usize {
  return (<usize>(rows * columns)) * 4 + 64;
}

/** Bᵀd: six inputs `fromStep` apart → six, `toStep` apart. */
// @ts-ignore: decorator
@inline
export function inputLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load((from += fromStep));
  const d4 = v128.load((from += fromStep));
  const d5 = v128.load(from + fromStep);
  const minusFour = f32x4.splat(-4);
  const even = mulAdd(d4, minusFour, d2);
  const odd = mulAdd(d3, minusFour, d1);
  const near = f32x4.sub(d4, d2);
  const difference = f32x4.sub(d3, d1);
  const twice = f32x4.add(difference, difference);
  v128.store(to, mulAdd(near, minusFour, f32x4.sub(d2, d0)));
  v128.store((to += toStep), f32x4.add(even, odd));
  v128.store((to += toStep), f32x4.sub(even, odd));
  v128.store((to += toStep), f32x4.add(near, twice));
  v128.store((to += toStep), f32x4.sub(near, twice));
  v128.store(to + toStep, mulAdd(f32x4.sub(d5, d3), minusFour, difference));
}

/** BᵀdB: 6×6 pixels → a place in each of 36 planes. scratch: 576 bytes. */
// @ts-ignore: decorator
@inline
export function inputTile(
  from: usize, row: usize, pixel: usize, to: usize, plane: usize, scratch: usize,
): void {
  for (let k: usize = 0; k < 6; k++) inputLine(from + pixel * k, row, scratch + k * 16, 96);
  for (let k: usize = 0; k < 6; k++) inputLine(scratch + k * 96, 16, to + plane * k * 6, plane);
}

/** Gg: three taps → six. */
// @ts-ignore: decorator
@inline
export function filterLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + fromStep * 2);
  const sixth = f32x4.splat(-1.0 / 6);
  const outer = f32x4.mul(sixth, f32x4.add(d0, d2));
  const inner = f32x4.mul(sixth, d1);
  const wide = mulAdd(f32x4.mul(f32x4.splat(1.0 / 24), d0), f32x4.splat(1.0 / 6), d2);
  const middle = f32x4.mul(f32x4.splat(1.0 / 12), d1);
  v128.store(to, f32x4.mul(f32x4.splat(0.25), d0));
  v128.store((to += toStep), f32x4.add(outer, inner));
  v128.store((to += toStep), f32x4.sub(outer, inner));
  v128.store((to += toStep), f32x4.add(wide, middle));
  v128.store((to += toStep), f32x4.sub(wide, middle));
  v128.store(to + toStep, d2);
}

/** Aᵀm: six products → four outputs. */
// @ts-ignore: decorator
@inline
export function outputLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load((from += fromStep));
  const d4 = v128.load((from += fromStep));
  const d5 = v128.load(from + fromStep);
  const four = f32x4.splat(4);
  const sum = f32x4.add(d1, d2);
  const difference = f32x4.sub(d1, d2);
  const far = f32x4.add(d3, d4);
  const farDifference = f32x4.sub(d3, d4);
  const twice = f32x4.add(farDifference, farDifference);
  v128.store(to, f32x4.add(f32x4.add(d0, sum), far));
  v128.store((to += toStep), f32x4.add(difference, twice));
  v128.store((to += toStep), mulAdd(sum, four, far));
  v128.store(to + toStep, f32x4.add(mulAdd(difference, four, twice), d5));
}

/** A·d, the transpose of `outputLine`: four gradients → six. */
// @ts-ignore: decorator
@inline
export function gradientLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load(from + fromStep);
  const four = f32x4.splat(4);
  const even = f32x4.add(d0, d2);
  const odd = f32x4.add(d1, d3);
  const farEven = mulAdd(d0, four, d2);
  const half = mulAdd(d1, four, d3);
  const farOdd = f32x4.add(half, half);
  v128.store(to, d0);
  v128.store((to += toStep), f32x4.add(even, odd));
  v128.store((to += toStep), f32x4.sub(even, odd));
  v128.store((to += toStep), f32x4.add(farEven, farOdd));
  v128.store((to += toStep), f32x4.sub(farEven, farOdd));
  v128.store(to + toStep, d3);
}

/** Gᵀu, the transpose of `filterLine`: six sums → three taps. */
// @ts-ignore: decorator
@inline
export function tapLine(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load((from += fromStep));
  const d2 = v128.load((from += fromStep));
  const d3 = v128.load((from += fromStep));
  const d4 = v128.load((from += fromStep));
  const d5 = v128.load(from + fromStep);
  const sixth = f32x4.splat(1.0 / 6);
  const near = f32x4.mul(sixth, f32x4.add(d1, d2));
  const far = f32x4.add(d3, d4);
  const first = f32x4.sub(f32x4.mul(f32x4.splat(0.25), d0), near);
  const middle = f32x4.mul(sixth, f32x4.sub(d2, d1));
  v128.store(to, mulAdd(first, f32x4.splat(1.0 / 24), far));
  v128.store(to + toStep, mulAdd(middle, f32x4.splat(1.0 / 12), f32x4.sub(d3, d4)));
  v128.store(to + toStep * 2, f32x4.add(f32x4.sub(f32x4.mul(sixth, far), near), d5));
}
