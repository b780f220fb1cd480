// A product of one row and a matrix: every element of the matrix is used once, so it is read where it is,
// in its own order, and what bounds the loop is reading.
import { mulAdd } from './simd';

/** Columns of a slice. */
const SLICE = 64;

/**
 * y[columns] = bias + a[depth] · b[depth, columns], kept within [low, high]; a bias of 0 is none. A NaN stays
 * NaN. Sums run over depth in its order, beginning with the bias. A slice is 64 columns.
 */
export function rowProduct_f32(
  a: usize, b: usize, bias: usize, y: usize, depth: i32, columns: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const row = (<usize>columns) * 4;
  const first = (<usize>(begin * SLICE)) * 4;
  const last = min(row, (<usize>(end * SLICE)) * 4);
  const whole = first + ((last - first) & ~15);
  if (bias != 0) memory.copy(y + first, bias + first, last - first);
  else memory.fill(y + first, 0, last - first);

  const stop = y + whole;
  let line = b + first;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const at = a + (<usize>k) * 4;
    const a0 = v128.load32_splat(at);
    const a1 = v128.load32_splat(at, 4);
    const a2 = v128.load32_splat(at, 8);
    const a3 = v128.load32_splat(at, 12);
    let r0 = line;
    let r1 = r0 + row;
    let r2 = r1 + row;
    let r3 = r2 + row;
    line = r3 + row;
    let to = y + first;
    for (; to + 32 <= stop; to += 32) {
      let sum = mulAdd(v128.load(to), a0, v128.load(r0));
      let next = mulAdd(v128.load(to, 16), a0, v128.load(r0, 16));
      sum = mulAdd(sum, a1, v128.load(r1));
      next = mulAdd(next, a1, v128.load(r1, 16));
      sum = mulAdd(sum, a2, v128.load(r2));
      next = mulAdd(next, a2, v128.load(r2, 16));
      v128.store(to, mulAdd(sum, a3, v128.load(r3)));
      v128.store(to, mulAdd(next, a3, v128.load(r3, 16)), 16);
      r0 += 32;
      r1 += 32;
      r2 += 32;
      r3 += 32;
    }
    if (to < stop) {
      let sum = mulAdd(v128.load(to), a0, v128.load(r0));
      sum = mulAdd(sum, a1, v128.load(r1));
      sum = mulAdd(sum, a2, v128.load(r2));
      v128.store(to, mulAdd(sum, a3, v128.load(r3)));
    }
  }
  for (; k < depth; k++, line += row) {
    const value = v128.load32_splat(a + (<usize>k) * 4);
    for (let c: usize = 0; c < whole - first; c += 16) {
      const to = y + first + c;
      v128.store(to, mulAdd(v128.load(to), value, v128.load(line + c)));
    }
  }
  for (let c = whole; c < last; c += 4) {
    let sum = load<f32>(y + c);
    let from = b + c;
    for (k = 0; k < depth; k++, from += row) sum += load<f32>(a + (<usize>k) * 4) * load<f32>(from);
    store<f32>(y + c, sum);
  }

  if (low > -Infinity || high < Infinity) {
    const lows = f32x4.splat(low);
    const highs = f32x4.splat(high);
    for (let to = y + first; to < stop; to += 16) {
      v128.store(to, f32x4.pmin(f32x4.pmax(v128.load(to), lows), highs));
    }
    for (let to = stop; to < y + last; to += 4) {
      const value = load<f32>(to);
      store<f32>(to, value < low ? low : value > high ? high : value);
    }
  }
}
