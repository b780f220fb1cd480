// What the machine can do: the limits that kernels are measured against. Compiled when a bench starts.
import { mulAdd } from '../simd';

/** A product of 5 rows and 8 columns over `depth`, `repeat` times, all in the first-level cache. */
export function product(a: usize, b: usize, c: usize, depth: i32, repeat: i32): void {
  for (let r = 0; r < repeat; r++) tile(a, b, c, depth);
}

export function tile(a: usize, b: usize, c: usize, depth: i32): void {
  let row = a + 0;
  let k = b + 0;
  const end = k + <usize>depth * 32;
  let w0 = f32x4.splat(0);
  let w1 = w0,
    v = w0;
  let c00 = w0,
    c01 = w0,
    c10 = w0,
    c11 = w0,
    c20 = w0,
    c21 = w0,
    c30 = w0,
    c31 = w0,
    c40 = w0,
    c41 = w0;
  const rowBytes = <usize>depth * 4;
  let r1 = row + rowBytes,
    r2 = r1 + rowBytes,
    r3 = r2 + rowBytes,
    r4 = r3 + rowBytes;
  while (k < end) {
    w0 = v128.load(k);
    w1 = v128.load(k, 16);
    v = v128.load32_splat(row);
    c00 = mulAdd(c00, v, w0);
    c01 = mulAdd(c01, v, w1);
    v = v128.load32_splat(r1);
    c10 = mulAdd(c10, v, w0);
    c11 = mulAdd(c11, v, w1);
    v = v128.load32_splat(r2);
    c20 = mulAdd(c20, v, w0);
    c21 = mulAdd(c21, v, w1);
    v = v128.load32_splat(r3);
    c30 = mulAdd(c30, v, w0);
    c31 = mulAdd(c31, v, w1);
    v = v128.load32_splat(r4);
    c40 = mulAdd(c40, v, w0);
    c41 = mulAdd(c41, v, w1);
    row += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    r4 += 4;
    k += 32;
  }
  const s0 = f32x4.add(f32x4.add(c00, c01), f32x4.add(c10, c11));
  const s1 = f32x4.add(f32x4.add(c20, c21), f32x4.add(c30, c31));
  v128.store(c, f32x4.add(f32x4.add(s0, s1), f32x4.add(c40, c41)));
}

/** Copies `bytes`, a multiple of 16. */
export function copy(from: usize, to: usize, bytes: i32): void {
  const end = from + bytes;
  while (from < end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
}
