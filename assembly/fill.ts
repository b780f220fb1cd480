/** Fills `count` words with the given bits. A slice is 16384 words. */
export function fill_32(to: usize, bits: i32, count: i32, begin: i32, end: i32): void {
  const stop = to + (<usize>min(end * 16384, count)) * 4;
  let at = to + (<usize>begin) * 65536;
  const vector = i32x4.splat(bits);
  for (const last = stop - 16; at <= last; at += 16) v128.store(at, vector);
  for (; at < stop; at += 4) store<i32>(at, bits);
}

/** Fills `count` bytes. A slice is 16384 bytes. */
export function fill_8(to: usize, value: i32, count: i32, begin: i32, end: i32): void {
  const stop = to + min(end * 16384, count);
  for (let at = to + begin * 16384; at < stop; at++) store<u8>(at, <u8>value);
}
