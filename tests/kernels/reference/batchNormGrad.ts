import { BOUNDS } from './batchNormTrain.js';

/** Sums of up to 1e5 float32 values in slices, and a few rounded operations, relative to the largest. */
export const tolerance = 3e-6;

/** The gradients of y = act((x − μ)·γ/√(σ² + ε) + β), μ and σ² those of x unless `fixed`. */
export function batchNormGrad(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  y: ArrayLike<number>,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  gamma: ArrayLike<number> | undefined,
  {
    epsilon,
    activation,
    fixed,
  }: { epsilon: number; activation: keyof typeof BOUNDS; fixed: boolean },
) {
  const channels = mean.length;
  const rows = x.length / channels;
  const [low, high] = BOUNDS[activation];
  const g = Float64Array.from(dy, (d, i) => (y[i]! > low && y[i]! < high ? d : 0));
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const scale = inverse.map((v, c) => v * (gamma?.[c] ?? 1));
  const dBeta = new Float64Array(channels);
  const product = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) {
    dBeta[i % channels]! += g[i]!;
    product[i % channels]! += g[i]! * (x[i]! - mean[i % channels]!);
  }
  const dx = g.map((value, i) => {
    const c = i % channels;
    if (fixed) return value * scale[c]!;
    const centred = x[i]! - mean[c]!;
    return (
      scale[c]! * (value - dBeta[c]! / rows - (centred * product[c]! * inverse[c]! ** 2) / rows)
    );
  });
  const dGamma = product.map((p, c) => p * inverse[c]!);
  const dMean = dBeta.map((d, c) => -scale[c]! * d);
  const dVariance = product.map((p, c) => -0.5 * scale[c]! * inverse[c]! ** 2 * p);
  return fixed ? [dx, dGamma, dBeta, dMean, dVariance] : [dx, dGamma, dBeta];
}
