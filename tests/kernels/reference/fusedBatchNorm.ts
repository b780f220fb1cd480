/** A few rounded operations on an element. */
export const tolerance = 1e-6;

/** (x − μ)·γ/√(σ² + ε) + β, channels last. */
export function fusedBatchNorm(
  x: ArrayLike<number>,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  scale: ArrayLike<number> | undefined,
  offset: ArrayLike<number> | undefined,
  epsilon: number,
): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const c = i % mean.length;
    const normalized = (value - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
    return normalized * (scale?.[c] ?? 1) + (offset?.[c] ?? 0);
  });
}
