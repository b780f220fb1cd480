/** Float32 sums of up to a few hundred products of numbers in [−1, 1), relative to the largest. */
export const tolerance = 1e-6;

/** a [m, k] · b [k, n] → [m, n], either stored transposed. */
export function batchMatMul(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [m, k, n]: [number, number, number],
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const left = a[transposeA ? i * m + row : row * k + i]!;
      sum += left * b[transposeB ? column * k + i : i * n + column]!;
    }
    return sum;
  });
}
