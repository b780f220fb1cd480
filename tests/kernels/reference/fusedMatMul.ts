import { fused } from './activations.js';
import { batchMatMul, tolerance } from './batchMatMul.js';

export { tolerance };

/** act(a · b + bias). */
export function fusedMatMul(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  activation: keyof typeof fused,
  [m, k, n]: [number, number, number],
): Float64Array {
  const product = batchMatMul(a, b, [m, k, n], false, false);
  return product.map((value, i) => fused[activation](value + (bias?.[i % n] ?? 0)));
}
