/** y = x kept within [low, high]; NaN stays NaN. y may be x. A slice is 16384 floats. */
export function clip_f32(
  x: usize, y: usize, count: i32, low: f32, high: f32, begin: i32, end: i32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const stop = y + (<usize>min(end * 16384, count)) * 4;
  let from = x + (<usize>begin) * 65536;
  let to = y + (<usize>begin) * 65536;
  for (; to + 16 <= stop; to += 16, from += 16) {
    v128.store(to, f32x4.pmin(f32x4.pmax(v128.load(from), lows), highs));
  }
  for (; to < stop; to += 4, from += 4) {
    const value = f32x4.pmin(f32x4.pmax(v128.load32_splat(from), lows), highs);
    v128.store_lane<f32>(to, value, 0);
  }
}
