// Batch normalisation of [m, c], channels last.
//
// The tensor is read as rows of `wide` floats: a multiple of c and of 4, so that a vector never
// straddles the end of a row. Constants of the channels are repeated to that width. The last row may
// be cut short: `count` = m·c.
//
// A slice is `sliceRows` wide rows. A reduction gives each slice sums of its own, sums[slice, 2,
// wide], which are added up in order, in float64.
import { mulAdd } from './simd';

/**
 * A value near the mean of each channel: the mean of 32 rows spread over x, repeated to shift[wide].
 * Squares are summed from there, so that the variance doesn't cancel. One slice.
 */
export function bnShift_f32(
  x: usize, shift: usize, rows: i32, channels: i32, wide: i32, begin: i32, end: i32,
): void {
  const row = (<usize>channels) * 4;
  const samples = min(rows, 32);
  for (let c: usize = 0; c < row; c += 4) {
    let sum: f64 = 0;
    for (let i = 0; i < samples; i++) {
      const sample = <usize>((<i64>i * rows) / samples);
      sum += load<f32>(x + sample * row + c);
    }
    store<f32>(shift + c, <f32>(sum / samples));
  }
  for (let at = row; at < (<usize>wide) * 4; at += row) memory.copy(shift + at, shift, row);
}

/** Σ (x − shift) and Σ (x − shift)² per slice and place. shift[wide]. */
export function bnMoments_f32(
  x: usize, shift: usize, sums: usize, count: i32, wide: i32, sliceRows: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  for (let slice = begin; slice < end; slice++) {
    const first = slice * sliceRows * wide;
    const floats = min(sliceRows * wide, count - first);
    const linear = sums + (<usize>slice) * row * 2;
    const squares = linear + row;
    memory.fill(linear, 0, row * 2);
    let from = x + (<usize>first) * 4;
    const stop = from + (<usize>floats) * 4;
    for (const last = from + (<usize>(floats / (wide * 4))) * row * 4; from < last; from += row * 4) {
      for (let at: usize = 0; at < row; at += 16) {
        const centre = v128.load(shift + at);
        const x0 = from + at;
        const x1 = x0 + row;
        const x2 = x1 + row;
        const d0 = f32x4.sub(v128.load(x0), centre);
        const d1 = f32x4.sub(v128.load(x1), centre);
        const d2 = f32x4.sub(v128.load(x2), centre);
        const d3 = f32x4.sub(v128.load(x2 + row), centre);
        const sum = f32x4.add(f32x4.add(d0, d1), f32x4.add(d2, d3));
        const square = f32x4.add(
          mulAdd(f32x4.mul(d0, d0), d1, d1),
          mulAdd(f32x4.mul(d2, d2), d3, d3),
        );
        v128.store(linear + at, f32x4.add(v128.load(linear + at), sum));
        v128.store(squares + at, f32x4.add(v128.load(squares + at), square));
      }
    }
    for (let at: usize = 0; from < stop; from += 4) {
      const d = load<f32>(from) - load<f32>(shift + at);
      store<f32>(linear + at, load<f32>(linear + at) + d);
      store<f32>(squares + at, load<f32>(squares + at) + d * d);
      at += 4;
      if (at == row) at = 0;
    }
  }
}

/** The sum of a channel over slices and over its places in the wide row, of the first or second kind. */
// @ts-ignore: decorator
@inline
function total(sums: usize, slices: i32, channels: i32, wide: i32, channel: i32, kind: i32): f64 {
  let sum: f64 = 0;
  for (let slice = 0; slice < slices; slice++) {
    const row = sums + (<usize>((slice * 2 + kind) * wide)) * 4;
    for (let place = channel; place < wide; place += channels) {
      sum += load<f32>(row + (<usize>place) * 4);
    }
  }
  return sum;
}

/** The sums of `bnMoments_f32` → mean[c] and biased variance[c] of `rows` rows. One slice. */
export function bnFinish_f32(
  sums: usize, shift: usize, mean: usize, variance: usize,
  slices: i32, channels: i32, wide: i32, rows: i32,
  begin: i32, end: i32,
): void {
  for (let c = 0; c < channels; c++) {
    const linear = total(sums, slices, channels, wide, c, 0) / rows;
    const squares = total(sums, slices, channels, wide, c, 1) / rows;
    const difference = squares - linear * linear;
    const at = (<usize>c) * 4;
    store<f32>(mean + at, <f32>(linear + load<f32>(shift + at)));
    store<f32>(variance + at, difference < 0 ? 0 : <f32>difference);
  }
}

/**
 * What `bnNormalize_f32` takes: constants[3, wide] = μ, γ/√(σ² + ε), β. gamma and beta may be 0 for
 * none. One slice.
 */
export function bnConstants_f32(
  mean: usize, variance: usize, gamma: usize, beta: usize, constants: usize,
  channels: i32, wide: i32, epsilon: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  for (let place = 0; place < wide; place++) {
    const c = (<usize>(place % channels)) * 4;
    const to = constants + (<usize>place) * 4;
    const inverse: f32 = 1 / sqrt<f32>(load<f32>(variance + c) + epsilon);
    store<f32>(to, load<f32>(mean + c));
    store<f32>(to + row, gamma ? inverse * load<f32>(gamma + c) : inverse);
    store<f32>(to + row * 2, beta ? load<f32>(beta + c) : 0);
  }
}

/** y = (x − constants₀) · constants₁ + constants₂, kept within [low, high]. NaN stays NaN. y may be x. */
export function bnNormalize_f32(
  x: usize, constants: usize, y: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const first = begin * sliceRows * wide;
  let from = x + (<usize>first) * 4;
  let to = y + (<usize>first) * 4;
  const stop = y + (<usize>min(end * sliceRows * wide, count)) * 4;
  while (to < stop) {
    let k = constants;
    const vectors = k + (min(row, stop - to) & ~15);
    while (k < vectors) {
      const slope = k + row;
      const centred = f32x4.sub(v128.load(from), v128.load(k));
      const value = mulAdd(v128.load(slope + row), centred, v128.load(slope));
      v128.store(to, f32x4.pmin(f32x4.pmax(value, lows), highs));
      from += 16;
      to += 16;
      k += 16;
    }
    for (const kEnd = constants + row; k < kEnd && to < stop; k += 4) {
      const slope = k + row;
      const value = (load<f32>(from) - load<f32>(k)) * load<f32>(slope) + load<f32>(slope + row);
      const above = value < low ? low : value;
      store<f32>(to, above > high ? high : above);
      from += 4;
      to += 4;
    }
  }
}

/** dy where low < y < high; a NaN of y lets it through. */
// @ts-ignore: decorator
@inline
function within(dy: v128, y: v128, low: v128, high: v128): v128 {
  return v128.andnot(dy, v128.or(f32x4.le(y, low), f32x4.ge(y, high)));
}

/**
 * Σ g and Σ g·(x − mean) per slice and place, with g = dy where low < y < high. y may be 0: g = dy.
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
    const linear = sums + (<usize>slice) * row * 2;
    const products = linear + row;
    memory.fill(linear, 0, row * 2);
    let i = (<usize>first) * 4;
    const stop = i + (<usize>floats) * 4;
    for (const last = i + (<usize>(floats / (wide * 2))) * row * 2; i < last; i += row * 2) {
      for (let at: usize = 0; at < row; at += 16) {
        const i0 = i + at;
        const i1 = i0 + row;
        const centre = v128.load(mean + at);
        let g0 = v128.load(dy + i0);
        let g1 = v128.load(dy + i1);
        if (mask) {
          g0 = within(g0, v128.load(y + i0), lows, highs);
          g1 = within(g1, v128.load(y + i1), lows, highs);
        }
        const d0 = f32x4.sub(v128.load(x + i0), centre);
        const d1 = f32x4.sub(v128.load(x + i1), centre);
        const product = mulAdd(f32x4.mul(g0, d0), g1, d1);
        v128.store(linear + at, f32x4.add(v128.load(linear + at), f32x4.add(g0, g1)));
        v128.store(products + at, f32x4.add(v128.load(products + at), product));
      }
    }
    for (let at: usize = 0; i < stop; i += 4) {
      let g = load<f32>(dy + i);
      if (mask) {
        const value = load<f32>(y + i);
        if (value <= low || value >= high) g = 0;
      }
      const product = g * (load<f32>(x + i) - load<f32>(mean + at));
      store<f32>(linear + at, load<f32>(linear + at) + g);
      store<f32>(products + at, load<f32>(products + at) + product);
      at += 4;
      if (at == row) at = 0;
    }
  }
}

/**
 * From the sums of `bnGradSums_f32`, what `bnGrad_f32` takes: constants[4, wide] = μ, γ/√(σ² + ε),
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
  const row = (<usize>wide) * 4;
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
      const to = constants + (<usize>place) * 4;
      store<f32>(to, load<f32>(mean + at));
      store<f32>(to + row, <f32>scale);
      store<f32>(to + row * 2, <f32>(sum * share));
      store<f32>(to + row * 3, <f32>(product * power * share));
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
  let i = (<usize>(begin * sliceRows * wide)) * 4;
  const stop = (<usize>min(end * sliceRows * wide, count)) * 4;
  while (i < stop) {
    let k = constants;
    const vectors = k + (min(row, stop - i) & ~15);
    while (k < vectors) {
      const k1 = k + row;
      const k2 = k1 + row;
      let g = v128.load(dy + i);
      if (mask) g = within(g, v128.load(y + i), lows, highs);
      const centred = f32x4.sub(v128.load(x + i), v128.load(k));
      const rest = f32x4.mul(centred, v128.load(k2 + row));
      v128.store(dx + i, f32x4.mul(v128.load(k1), f32x4.sub(f32x4.sub(g, v128.load(k2)), rest)));
      i += 16;
      k += 16;
    }
    for (const kEnd = constants + row; k < kEnd && i < stop; k += 4) {
      let g = load<f32>(dy + i);
      if (mask) {
        const value = load<f32>(y + i);
        if (value <= low || value >= high) g = 0;
      }
      const k2 = k + row * 2;
      const rest: f32 = (load<f32>(x + i) - load<f32>(k)) * load<f32>(k2 + row);
      store<f32>(dx + i, load<f32>(k + row) * (g - load<f32>(k2) - rest));
      i += 4;
    }
  }
}
