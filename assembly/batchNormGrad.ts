// The gradients of batch normalisation; see batchNorm.ts for how a tensor is read.
import { placeOf, total } from './batchNorm';
import { loadPart, mulAdd, storePart } from './simd';

/** dy where low < y < high; a NaN of y lets it through. */
// @ts-ignore: decorator
@inline
function within(dy: v128, y: v128, low: v128, high: v128): v128 {
  return v128.andnot(dy, v128.or(f32x4.le(y, low), f32x4.ge(y, high)));
}

/**
 * sums[slice, wide·2] = Σ g and Σ g·(x − mean), with g = dy where low < y < high. y may be 0: g = dy.
 * mean[wide].
 */
export function bnGradSums_f32(
  x: usize, y: usize, dy: usize, mean: usize, sums: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  if (y) gradSums(true, x, y, dy, mean, sums, count, wide, sliceRows, low, high, begin, end);
  else gradSums(false, x, y, dy, mean, sums, count, wide, sliceRows, low, high, begin, end);
}

// @ts-ignore: decorator
@inline
function gradSums(
  mask: bool, x: usize, y: usize, dy: usize, mean: usize, sums: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let slice = begin; slice < end; slice++) {
    const first = slice * sliceRows * wide;
    const floats = min(sliceRows * wide, count - first);
    const own = sums + (<usize>slice) * row * 2;
    memory.fill(own, 0, row * 2);
    let from = x + (<usize>first) * 4;
    let forward = y + (<usize>first) * 4;
    let g = dy + (<usize>first) * 4;
    const stop = from + (<usize>floats) * 4;
    while (from < stop) {
      let centre = mean;
      let sum = own;
      const rowEnd = min(from + row, stop);
      for (const last = from + ((rowEnd - from) & ~63); from < last; from += 64, sum += 128) {
        sumPart(0, mask, true, from, forward, g, centre, sum, lows, highs);
        sumPart(1, mask, true, from, forward, g, centre, sum, lows, highs);
        sumPart(2, mask, true, from, forward, g, centre, sum, lows, highs);
        sumPart(3, mask, true, from, forward, g, centre, sum, lows, highs);
        forward += 64;
        g += 64;
        centre += 64;
      }
      for (const last = from + ((rowEnd - from) & ~15); from < last; from += 16, sum += 32) {
        sumPart(0, mask, true, from, forward, g, centre, sum, lows, highs);
        forward += 16;
        g += 16;
        centre += 16;
      }
      for (; from < rowEnd; from += 4, sum += 4) {
        sumPart(0, mask, false, from, forward, g, centre, sum, lows, highs);
        forward += 4;
        g += 4;
        centre += 4;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sumPart(
  i: usize, mask: bool, whole: bool, x: usize, y: usize, dy: usize, mean: usize, sum: usize,
  lows: v128, highs: v128,
): void {
  let g = loadPart(whole, dy + i * 16);
  if (mask) g = within(g, loadPart(whole, y + i * 16), lows, highs);
  const centred = f32x4.sub(loadPart(whole, x + i * 16), loadPart(whole, mean + i * 16));
  const product = mulAdd(loadPart(whole, sum + (i * 32 + 16)), g, centred);
  storePart(whole, sum + i * 32, f32x4.add(loadPart(whole, sum + i * 32), g));
  storePart(whole, sum + (i * 32 + 16), product);
}

/**
 * From the sums of `bnGradSums_f32`, what `bnGrad_f32` takes: constants[wide·4] = μ, γ/√(σ² + ε),
 * Σg · share, Σg·(x − μ) / (σ² + ε) · share; and the gradients of γ, β, and of μ and σ² where those are
 * inputs (else dMean and dVariance are 0). share is 1/m where μ and σ² are the batch's, 0 where they
 * are inputs. gamma may be 0 for none. One slice.
 */
export function bnGradFinish_f32(
  sums: usize, mean: usize, variance: usize, gamma: usize,
  constants: usize, dGamma: usize, dBeta: usize, dMean: usize, dVariance: usize,
  slices: i32, channels: i32, wide: i32, epsilon: f32, share: f64,
  begin: i32, end: i32,
): void {
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) * 4;
    const sum = total(sums, slices, channels, wide, c, 0);
    const product = total(sums, slices, channels, wide, c, 1);
    const power = 1 / (<f64>load<f32>(variance + at) + epsilon);
    const inverse = sqrt<f64>(power);
    const scale: f64 = gamma ? inverse * load<f32>(gamma + at) : inverse;
    store<f32>(dBeta + at, <f32>sum);
    store<f32>(dGamma + at, <f32>(product * inverse));
    if (dMean) store<f32>(dMean + at, <f32>(-scale * sum));
    if (dVariance) store<f32>(dVariance + at, <f32>(-0.5 * scale * power * product));
    for (let place = c; place < wide; place += channels) {
      const to = constants + placeOf((<usize>place) * 4, 0, 4);
      store<f32>(to, load<f32>(mean + at));
      store<f32>(to, <f32>scale, 16);
      store<f32>(to, <f32>(sum * share), 32);
      store<f32>(to, <f32>(product * power * share), 48);
    }
  }
}

/**
 * dx = constants₁ · (g − constants₂ − (x − constants₀) · constants₃), with g as in `bnGradSums_f32`.
 * dx may be dy.
 */
export function bnGrad_f32(
  x: usize, y: usize, dy: usize, constants: usize, dx: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  if (y) grad(true, x, y, dy, constants, dx, count, wide, sliceRows, low, high, begin, end);
  else grad(false, x, y, dy, constants, dx, count, wide, sliceRows, low, high, begin, end);
}

// @ts-ignore: decorator
@inline
function grad(
  mask: bool, x: usize, y: usize, dy: usize, constants: usize, dx: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const first = (<usize>(begin * sliceRows * wide)) * 4;
  let from = x + first;
  let forward = y + first;
  let g = dy + first;
  let to = dx + first;
  const stop = dx + (<usize>min(end * sliceRows * wide, count)) * 4;
  while (to < stop) {
    let k = constants;
    const rowEnd = min(to + row, stop);
    for (const last = to + ((rowEnd - to) & ~31); to < last; to += 32, k += 128) {
      gradPart(0, mask, true, from, forward, g, k, to, lows, highs);
      gradPart(1, mask, true, from, forward, g, k, to, lows, highs);
      from += 32;
      forward += 32;
      g += 32;
    }
    for (const last = to + ((rowEnd - to) & ~15); to < last; to += 16, k += 64) {
      gradPart(0, mask, true, from, forward, g, k, to, lows, highs);
      from += 16;
      forward += 16;
      g += 16;
    }
    for (; to < rowEnd; to += 4, k += 4) {
      gradPart(0, mask, false, from, forward, g, k, to, lows, highs);
      from += 4;
      forward += 4;
      g += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function gradPart(
  i: usize, mask: bool, whole: bool, x: usize, y: usize, dy: usize, k: usize, dx: usize,
  lows: v128, highs: v128,
): void {
  let g = loadPart(whole, dy + i * 16);
  if (mask) g = within(g, loadPart(whole, y + i * 16), lows, highs);
  const centred = f32x4.sub(loadPart(whole, x + i * 16), loadPart(whole, k + i * 64));
  const rest = f32x4.mul(centred, loadPart(whole, k + (i * 64 + 48)));
  const value = f32x4.sub(f32x4.sub(g, loadPart(whole, k + (i * 64 + 32))), rest);
  storePart(whole, dx + i * 16, f32x4.mul(loadPart(whole, k + (i * 64 + 16)), value));
}
