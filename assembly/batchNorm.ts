// Batch normalisation of [m, c], channels last; its gradient is in batchNormGrad.ts.
//
// The tensor is read as rows of `wide` floats: a multiple of c and of 4, so that a vector never
// straddles the end of a row. Constants of the channels are repeated to that width. The last row may
// be cut short: `count` = m·c.
//
// A slice is `sliceRows` wide rows. A reduction gives each slice sums of its own, which are added up in
// order, in float64.
//
// What belongs to four neighbouring places stands together, so that one address leads to all of it:
// [wide/4, kinds, 4], written as wide·kinds.
import { loadPart, mulAdd, storePart, touch } from './simd';

/** Where `kind` of the place at byte `at` of a wide row stands. */
// @ts-ignore: decorator
@inline
export function placeOf(at: usize, kind: i32, kinds: i32): usize {
  return (at & ~15) * kinds + 16 * kind + (at & 15);
}

/**
 * A value near the mean of each channel: the mean of 32 rows spread over x, repeated to shift[wide].
 * Squares are summed from there, so that the variance doesn't cancel. One slice.
 */
export function bnShift_f32(
  x: usize, shift: usize, rows: i32, channels: i32, wide: i32, begin: i32, end: i32,
): void {
  const row = (<usize>channels) * 4;
  const samples = min(rows, 32);
  const shares = f32x4.splat(1 / <f32>samples);
  memory.fill(shift, 0, row);
  for (let i = 0; i < samples; i++) {
    const sample = x + <usize>((<i64>i * rows) / samples) * row;
    let c: usize = 0;
    for (const last = row & ~15; c < last; c += 16) samplePart(true, sample + c, shift + c, shares);
    for (; c < row; c += 4) samplePart(false, sample + c, shift + c, shares);
  }
  for (let at = row; at < (<usize>wide) * 4; at += row) memory.copy(shift + at, shift, row);
}

// @ts-ignore: decorator
@inline
function samplePart(whole: bool, from: usize, to: usize, shares: v128): void {
  storePart(whole, to, mulAdd(loadPart(whole, to), loadPart(whole, from), shares));
}

/** sums[slice, wide·2] = Σ (x − shift) and Σ (x − shift)². shift[wide]. */
export function bnMoments_f32(
  x: usize, shift: usize, sums: usize, count: i32, wide: i32, sliceRows: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  for (let slice = begin; slice < end; slice++) {
    const first = slice * sliceRows * wide;
    const floats = min(sliceRows * wide, count - first);
    const own = sums + (<usize>slice) * row * 2;
    memory.fill(own, 0, row * 2);
    let from = x + (<usize>first) * 4;
    const stop = from + (<usize>floats) * 4;
    for (const last = from + (<usize>(floats / (wide * 4))) * row * 4; from < last; from += row * 4) {
      touch(from, row, 4);
      let sum = own;
      for (let at: usize = 0; at < row; at += 16, sum += 32) {
        const centre = v128.load(shift + at);
        const x0 = from + at;
        const x1 = x0 + row;
        const x2 = x1 + row;
        const d0 = f32x4.sub(v128.load(x0), centre);
        const d1 = f32x4.sub(v128.load(x1), centre);
        const d2 = f32x4.sub(v128.load(x2), centre);
        const d3 = f32x4.sub(v128.load(x2 + row), centre);
        const linear = f32x4.add(f32x4.add(d0, d1), f32x4.add(d2, d3));
        const squares = f32x4.add(
          mulAdd(f32x4.mul(d0, d0), d1, d1),
          mulAdd(f32x4.mul(d2, d2), d3, d3),
        );
        v128.store(sum, f32x4.add(v128.load(sum), linear));
        v128.store(sum, f32x4.add(v128.load(sum, 16), squares), 16);
      }
    }
    for (let at: usize = 0; from < stop; from += 4) {
      const d = load<f32>(from) - load<f32>(shift + at);
      const sum = own + placeOf(at, 0, 2);
      store<f32>(sum, load<f32>(sum) + d);
      store<f32>(sum, load<f32>(sum, 16) + d * d, 16);
      at += 4;
      if (at == row) at = 0;
    }
  }
}

/** The sum of a channel over slices and over its places in the wide row, of the first or second kind. */
// @ts-ignore: decorator
@inline
export function total(sums: usize, slices: i32, channels: i32, wide: i32, channel: i32, kind: i32): f64 {
  const row = (<usize>wide) * 4;
  let sum: f64 = 0;
  for (let slice = 0; slice < slices; slice++, sums += row * 2) {
    for (let at = (<usize>channel) * 4; at < row; at += (<usize>channels) * 4) {
      sum += load<f32>(sums + placeOf(at, kind, 2));
    }
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function move(average: usize, value: usize, to: usize, rate: f32): void {
  const before = load<f32>(average);
  store<f32>(to, before - (before - load<f32>(value)) * rate);
}

/**
 * The sums of `bnMoments_f32` → mean[c] and biased variance[c] of `rows` rows, and what `bnNormalize_f32` takes,
 * constants[wide·3], as `bnConstants_f32` makes it; and moving averages[c] of both, unless `movingMean` is 0,
 * → new ones, `rate` of the way to what was found. One slice.
 */
export function bnFinish_f32(
  sums: usize, shift: usize, gamma: usize, beta: usize, movingMean: usize, movingVariance: usize,
  mean: usize, variance: usize, newMean: usize, newVariance: usize, constants: usize,
  slices: i32, channels: i32, wide: i32, rows: i32, epsilon: f32, rate: f32,
  begin: i32, end: i32,
): void {
  for (let c = 0; c < channels; c++) {
    const linear = total(sums, slices, channels, wide, c, 0) / rows;
    const squares = total(sums, slices, channels, wide, c, 1) / rows;
    const difference = squares - linear * linear;
    const at = (<usize>c) * 4;
    store<f32>(mean + at, <f32>(linear + load<f32>(shift + at)));
    store<f32>(variance + at, difference < 0 ? 0 : <f32>difference);
    constantsOf(c, mean, variance, gamma, beta, constants, channels, wide, epsilon);
    if (movingMean == 0) continue;
    move(movingMean + at, mean + at, newMean + at, rate);
    move(movingVariance + at, variance + at, newVariance + at, rate);
  }
}

/**
 * What `bnNormalize_f32` takes: constants[wide·3] = μ, γ/√(σ² + ε), β. gamma and beta may be 0 for
 * none. One slice.
 */
export function bnConstants_f32(
  mean: usize, variance: usize, gamma: usize, beta: usize, constants: usize,
  channels: i32, wide: i32, epsilon: f32,
  begin: i32, end: i32,
): void {
  for (let c = 0; c < channels; c++) {
    constantsOf(c, mean, variance, gamma, beta, constants, channels, wide, epsilon);
  }
}

/** The constants of a channel at all its places in a wide row. */
// @ts-ignore: decorator
@inline
function constantsOf(
  channel: i32, mean: usize, variance: usize, gamma: usize, beta: usize, constants: usize,
  channels: i32, wide: i32, epsilon: f32,
): void {
  const c = (<usize>channel) * 4;
  const centre = load<f32>(mean + c);
  const inverse: f32 = 1 / sqrt<f32>(load<f32>(variance + c) + epsilon);
  const slope = gamma ? inverse * load<f32>(gamma + c) : inverse;
  const shift: f32 = beta ? load<f32>(beta + c) : 0;
  for (let place = channel; place < wide; place += channels) {
    const to = constants + placeOf((<usize>place) * 4, 0, 3);
    store<f32>(to, centre);
    store<f32>(to, slope, 16);
    store<f32>(to, shift, 32);
  }
}

/** The bounds that an output has. */
const NONE = 0;
const LOW = 1;
const BOTH = 2;

/** y = (x − constants₀) · constants₁ + constants₂, kept within [low, high]. NaN stays NaN. y may be x. */
export function bnNormalize_f32(
  x: usize, constants: usize, y: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  if (high < Infinity) normalize(BOTH, x, constants, y, count, wide, sliceRows, low, high, begin, end);
  else if (low > -Infinity) normalize(LOW, x, constants, y, count, wide, sliceRows, low, high, begin, end);
  else normalize(NONE, x, constants, y, count, wide, sliceRows, low, high, begin, end);
}

// @ts-ignore: decorator
@inline
function normalize(
  bounds: i32, x: usize, constants: usize, y: usize,
  count: i32, wide: i32, sliceRows: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>wide) * 4;
  // Longer rows are not fetched ahead when they are read side by side.
  const paired = row <= 256 && !(row & 31);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const first = begin * sliceRows * wide;
  let from = x + (<usize>first) * 4;
  let to = y + (<usize>first) * 4;
  const stop = y + (<usize>min(end * sliceRows * wide, count)) * 4;
  while (to < stop) {
    let k = constants;
    if (paired && to + row * 2 <= stop) {
      for (const last = to + row; to < last; to += 32, from += 32, k += 96) {
        normalizeTwo(0, bounds, from, k, to, row, lows, highs);
        normalizeTwo(1, bounds, from, k, to, row, lows, highs);
      }
      from += row;
      to += row;
      continue;
    }
    const rowEnd = min(to + row, stop);
    for (const last = to + ((rowEnd - to) & ~63); to < last; to += 64, from += 64, k += 192) {
      normalizePart(0, bounds, true, from, k, to, lows, highs);
      normalizePart(1, bounds, true, from, k, to, lows, highs);
      normalizePart(2, bounds, true, from, k, to, lows, highs);
      normalizePart(3, bounds, true, from, k, to, lows, highs);
    }
    for (const last = to + ((rowEnd - to) & ~15); to < last; to += 16, from += 16, k += 48) {
      normalizePart(0, bounds, true, from, k, to, lows, highs);
    }
    for (; to < rowEnd; to += 4, from += 4, k += 4) {
      normalizePart(0, bounds, false, from, k, to, lows, highs);
    }
  }
}

// @ts-ignore: decorator
@inline
function kept(bounds: i32, value: v128, lows: v128, highs: v128): v128 {
  if (bounds == NONE) return value;
  const above = f32x4.pmax(value, lows);
  return bounds == LOW ? above : f32x4.pmin(above, highs);
}

/** A vector each of two rows, by the same constants. */
// @ts-ignore: decorator
@inline
function normalizeTwo(
  i: usize, bounds: i32, from: usize, k: usize, to: usize, row: usize, lows: v128, highs: v128,
): void {
  const mean = v128.load(k + i * 48);
  const slope = v128.load(k + (i * 48 + 16));
  const shift = v128.load(k + (i * 48 + 32));
  const a = mulAdd(shift, f32x4.sub(v128.load(from + i * 16), mean), slope);
  const b = mulAdd(shift, f32x4.sub(v128.load(from + row + i * 16), mean), slope);
  v128.store(to + i * 16, kept(bounds, a, lows, highs));
  v128.store(to + row + i * 16, kept(bounds, b, lows, highs));
}

// @ts-ignore: decorator
@inline
function normalizePart(
  i: usize, bounds: i32, whole: bool, from: usize, k: usize, to: usize, lows: v128, highs: v128,
): void {
  const centred = f32x4.sub(loadPart(whole, from + i * 16), loadPart(whole, k + i * 48));
  const slope = loadPart(whole, k + (i * 48 + 16));
  const value = mulAdd(loadPart(whole, k + (i * 48 + 32)), centred, slope);
  storePart(whole, to + i * 16, kept(bounds, value, lows, highs));
}
