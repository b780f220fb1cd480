/** x − μ is rounded at the size of x, which is a few, and multiplied by up to γ/√ε = 126. */
export const tolerance = 2e-5;

export const BOUNDS = {
  linear: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
} as const;

/** Mean and biased variance of each column of x [m, c], and y = clip((x − μ)·γ/√(σ² + ε) + β). */
export function batchNormTrain(
  x: ArrayLike<number>,
  channels: number,
  gamma: ArrayLike<number> | undefined,
  beta: ArrayLike<number> | undefined,
  { epsilon, activation }: { epsilon: number; activation: keyof typeof BOUNDS },
) {
  const rows = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels]! += x[i]! / rows;
  for (let i = 0; i < x.length; i++) {
    variance[i % channels]! += (x[i]! - mean[i % channels]!) ** 2 / rows;
  }
  const [low, high] = BOUNDS[activation];
  const y = Float64Array.from(x, (value, i) => {
    const c = i % channels;
    const normalized = (value - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
    return Math.min(Math.max(normalized * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0), low), high);
  });
  return { y, mean, variance };
}
