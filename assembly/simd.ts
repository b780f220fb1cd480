// Helpers that the kernels share. Everything here is inlined.

/**
 * acc + a·b: rounded twice, and once on engines with fused multiply-add. tools/assemble.js finds what the
 * two builds differ in, for which the product must come before the sum's other operand.
 */
// @ts-ignore: decorator
@inline
export function mulAdd(acc: v128, a: v128, b: v128): v128 {
  if (isDefined(FMA)) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(f32x4.mul(a, b), acc);
}

/**
 * Four times a constant, by way of memory: V8 makes one that it knows anew, in three instructions, wherever it is used.
 * `scratch`: 4 bytes.
 */
// @ts-ignore: decorator
@inline
export function hidden(value: f32, scratch: usize): v128 {
  store<f32>(scratch, value);
  return v128.load32_splat(scratch);
}

/** Writes the 4×4 floats of rows `from + i·fromRow` as columns: row j goes to `to + j·toRow`. */
// @ts-ignore: decorator
@inline
export function transpose4x4(from: usize, fromRow: usize, to: usize, toRow: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + fromRow);
  const r2 = v128.load(from + fromRow * 2);
  const r3 = v128.load(from + fromRow * 3);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + toRow, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + toRow * 2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + toRow * 3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}

/** The first `count` floats of `from`, then zeros, as 8 floats at `to`. */
// @ts-ignore: decorator
@inline
export function copyPadded8(from: usize, count: i32, to: usize): void {
  for (let j = 0; j < 8; j++) {
    store<f32>(to + (<usize>j) * 4, j < count ? load<f32>(from + (<usize>j) * 4) : 0);
  }
}

/** Four floats where `whole`, else one and zeros: the rest of a run whose length is not a multiple. */
// @ts-ignore: decorator
@inline
export function loadPart(whole: bool, from: usize): v128 {
  return whole ? v128.load(from) : v128.load32_zero(from);
}

/** Stores four floats where `whole`, else the first. */
// @ts-ignore: decorator
@inline
export function storePart(whole: bool, to: usize, value: v128): void {
  if (whole) v128.store(to, value);
  else v128.store_lane<f32>(to, value, 0);
}

/**
 * Reads a word of each line of the cache of `rows` neighbouring rows of `bytes`, one after the other:
 * rows that are read side by side, each longer than some lines, are not fetched ahead by processors.
 */
// @ts-ignore: decorator
@inline
export function touch(from: usize, bytes: usize, rows: usize): void {
  if (bytes <= 256 || bytes * rows > 16384) return;
  for (const stop = from + bytes * rows; from < stop; from += 64) load<u32>(from);
}

/** Each vector's sum of its four lanes. */
// @ts-ignore: decorator
@inline
export function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    v128.shuffle<f32>(a, b, 2, 6, 3, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    v128.shuffle<f32>(c, d, 2, 6, 3, 7),
  );
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
