/** y = x kept within [low, high]; NaN stays NaN. y may be x. A slice is 16384 floats. */
export function clip_f32(
  x: usize, y: usize, count: i32, low: f32, high: f32, begin: i32, end: i32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const stop = y + (<usize>min(end * 16384, count)) * 4;
  let from = x + (<usize>begin) * 65536;
  let to = y + (<usize>begin) * 65536;
  for (; to + 64 <= stop; to += 64, from += 64) {
    const y0 = kept(v128.load(from), lows, highs);
    const y1 = kept(v128.load(from, 16), lows, highs);
    const y2 = kept(v128.load(from, 32), lows, highs);
    const y3 = kept(v128.load(from, 48), lows, highs);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
  }
  for (; to + 16 <= stop; to += 16, from += 16) {
    v128.store(to, kept(v128.load(from), lows, highs));
  }
  for (; to < stop; to += 4, from += 4) {
    v128.store_lane<f32>(to, kept(v128.load32_splat(from), lows, highs), 0);
  }
}

/** The same of integers. */
export function clip_i32(
  x: usize, y: usize, count: i32, low: i32, high: i32, begin: i32, end: i32,
): void {
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  const stop = y + (<usize>min(end * 16384, count)) * 4;
  let from = x + (<usize>begin) * 65536;
  let to = y + (<usize>begin) * 65536;
  for (; to + 16 <= stop; to += 16, from += 16) {
    v128.store(to, i32x4.min_s(i32x4.max_s(v128.load(from), lows), highs));
  }
  for (; to < stop; to += 4, from += 4) store<i32>(to, min(max(load<i32>(from), low), high));
}

// @ts-ignore: decorator
@inline
function kept(x: v128, lows: v128, highs: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lows), highs);
}
