/** Batch normalisation in float64 loops over rows `[m, c]`. */

export type Activation = (x: number) => number;

export interface ReferenceArgs {
  channels: number;
  gamma?: ArrayLike<number>;
  beta?: ArrayLike<number>;
  epsilon?: number;
  activation?: Activation;
  /** One weight per row. */
  weights?: ArrayLike<number>;
  /** Given statistics instead of the batch's. */
  moving?: { mean: ArrayLike<number>; variance: ArrayLike<number> };
  /** The constants of batch renormalisation, one of each per channel. */
  correction?: { r: ArrayLike<number>; d: ArrayLike<number> };
}

export interface ReferenceResult {
  y: Float64Array;
  mean: Float64Array;
  variance: Float64Array;
}

export function batchNormReference(x: ArrayLike<number>, args: ReferenceArgs): ReferenceResult {
  const { channels: c, gamma, beta, epsilon = 1e-3, activation = (v) => v, weights } = args;
  const m = x.length / c;
  const weight = (row: number) => weights?.[row] ?? 1;
  const mean = new Float64Array(c);
  const variance = new Float64Array(c);
  let total = 0;
  for (let i = 0; i < m; i++) total += weight(i);
  for (let i = 0; i < x.length; i++) mean[i % c]! += (weight(Math.floor(i / c)) * x[i]!) / total;
  for (let i = 0; i < x.length; i++) {
    variance[i % c]! += (weight(Math.floor(i / c)) * (x[i]! - mean[i % c]!) ** 2) / total;
  }
  const used = args.moving ?? { mean, variance };
  const y = Float64Array.from({ length: x.length }, (_, i) => {
    const k = i % c;
    const plain = (x[i]! - used.mean[k]!) / Math.sqrt(used.variance[k]! + epsilon);
    const { correction } = args;
    const normalized = correction ? plain * correction.r[k]! + correction.d[k]! : plain;
    return activation(normalized * (gamma?.[k] ?? 1) + (beta?.[k] ?? 0));
  });
  return { y, mean, variance };
}

/** The activations that a fused gradient knows, and two that it doesn't. */
export const ACTIVATIONS: Record<string, Activation> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  hardSigmoid: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  swish: (x) => x / (1 + Math.exp(-x)),
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
};
