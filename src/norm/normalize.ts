import {
  add,
  batchNorm2d,
  customGrad,
  div,
  divNoNan,
  engine,
  type GradSaveFunc,
  mul,
  rsqrt,
  scalar,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { type ActivationName, activate, slopeFromOutput } from '../core/activation.js';
import { backwardKernel, forwardKernel, hasKernels } from './kernels.js';
import type { Correction } from './renorm.js';
import { disposeStatistics, keepStatistics, type Statistics, statisticsOf } from './statistics.js';

export interface Affine {
  gamma?: Tensor1D;
  beta?: Tensor1D;
  epsilon: number;
  activation: ActivationName;
  /** Whether the gradient takes gamma and beta as constants. Default false. */
  fixed?: boolean;
}

/** What else {@link normalizeWithBatch} goes by. */
export interface BatchRules {
  /** How much each row counts, `[m, 1]`. */
  weights?: Tensor2D;
  /** The correction of batch renormalisation, which the gradient takes as constant. */
  correct?: (statistics: Statistics) => Correction;
}

/**
 * Normalises each column with the mean and the biased variance of the batch, scales, shifts and
 * activates it: `[m, c] → [m, c]`, `y = act(γ·x̂ + β)` with `x̂ = (x − μ)/√(σ² + ε)`, which becomes
 * `x̂·r + d` first where there is a correction.
 *
 * The gradient flows through the statistics (Ioffe and Szegedy 2015, section 3), in two reductions
 * and one pass. The returned statistics are kept: their receiver disposes them.
 */
export function normalizeWithBatch(
  x: Tensor2D,
  affine: Affine,
  { weights, correct }: BatchRules = {},
): { y: Tensor2D; statistics: Statistics } {
  let statistics: Statistics | undefined;
  try {
    const y = differentiable(x, affine, (input, gamma, beta, fused) => {
      if (!weights && !correct && hasKernels(fused)) {
        const attrs = { epsilon: affine.epsilon, activation: fused };
        const [y, mean, variance] = forwardKernel(input, gamma, beta, attrs);
        const weight = input.shape[0];
        statistics = keepStatistics({ mean, variance, weight, squaredWeight: weight });
        return { y, mean, variance, share: scalar(1 / weight) };
      }
      statistics = keepStatistics(statisticsOf(input, weights));
      const { mean, variance, weight } = statistics;
      const correction = correct?.(statistics);
      const { factor, offset } = corrected(gamma, beta, correction);
      const inverseDeviation = rsqrt(add(variance, affine.epsilon));
      const scaled: Tensor2D = mul(sub(input, mean), times(inverseDeviation, factor));
      const share = weights ? divNoNan(weights, weight) : div(1, weight);
      const y = activate(fused, offset ? add(scaled, offset) : scaled);
      return { y, mean, variance, share, factor, correction };
    });
    return { y, statistics: statistics! };
  } catch (error) {
    if (statistics) disposeStatistics(statistics);
    throw error;
  }
}

/**
 * Normalises each column with given statistics, which the gradient takes as constants:
 * `[m, c] → [m, c]`, `y = act(γ·(x − μ)/√(σ² + ε) + β)`.
 */
export function normalizeWith(
  x: Tensor2D,
  affine: Affine,
  mean: Tensor1D,
  variance: Tensor1D,
): Tensor2D {
  return differentiable(x, affine, (input, gamma, beta, fused) => ({
    y: activate(fused, batchNorm2d(input, mean, variance, beta, gamma, affine.epsilon)),
    mean,
    variance,
  }));
}

interface Forward {
  y: Tensor;
  mean: Tensor1D;
  variance: Tensor1D;
  /** Each row's share in the statistics, `[m, 1]` or a scalar, when they come from the batch. */
  share?: Tensor;
  /** What the normalised values are multiplied by, where it isn't gamma; and why it isn't. */
  factor?: Tensor;
  correction?: Correction;
}

/**
 * A forward pass with the gradient of batch normalisation and of the activation after it.
 * An activation whose slope its output tells is part of this one operation; another follows it.
 */
function differentiable(
  x: Tensor2D,
  { gamma, beta, epsilon, activation, fixed = false }: Affine,
  forward: (
    x: Tensor2D,
    gamma: Tensor1D | undefined,
    beta: Tensor1D | undefined,
    fused: ActivationName,
  ) => Forward,
): Tensor2D {
  const fused = slopeFromOutput[activation] ? activation : 'linear';
  const operation = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as GradSaveFunc;
    const [input, ...given] = inputs as [Tensor2D, ...Tensor1D[]];
    const [scale, offset] = fixed ? [gamma, beta] : [gamma && given[0], beta && given.at(-1)];
    const result = forward(input, scale, offset, fused);
    const { y, mean, variance, share, factor = scale, correction } = result;
    const kept = { x: input, y, mean, variance, gamma: factor, share, ...correction };
    const names = Object.entries(kept).flatMap(([name, tensor]) => (tensor ? [name] : []));
    save(Object.values(kept).filter((tensor) => tensor !== undefined));

    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const of = Object.fromEntries(names.map((name, i) => [name, saved[i]!])) as typeof kept;
      const { x, y, mean, variance, gamma, share, r, d } = of;
      const ofRows = share !== undefined && share.rank > 0;
      const recorded = engine().state.gradientDepth > 0;
      const moments = recorded && share && momentsOf(x, share);
      const tensors = { x, dy, y, gamma, mean, variance, ...moments };
      const [dx, dFactor, dBeta] = (
        !ofRows && !recorded && hasKernels(fused)
          ? backwardKernel(tensors, { epsilon, activation: fused, fixed: !share })
          : backward(tensors, epsilon, fused, share)
      ) as [Tensor, Tensor, Tensor];
      const dGamma = r && d ? add(mul(dFactor, r), mul(dBeta, d)) : dFactor;
      if (fixed) return [dx];
      return [dx, ...(scale ? [dGamma] : []), ...(offset ? [dBeta] : [])];
    };
    return { value: y, gradFunc };
  });
  const parameters = fixed ? [] : [gamma, beta].filter((tensor) => tensor !== undefined);
  const y = operation(x, ...parameters);
  return (fused === activation ? y : activate(activation, y)) as Tensor2D;
}

/** The batch's statistics once more, for a gradient of the gradient, to which they are no constants. */
function momentsOf(x: Tensor2D, share: Tensor): Pick<Forward, 'mean' | 'variance'> {
  const mean: Tensor1D = sum(mul(x, share), 0);
  return { mean, variance: sum(mul(square(sub(x, mean)), share), 0) };
}

/** The gradients by x, gamma and beta, composed of stock operations. */
function backward(
  { x, dy, y, mean, variance, gamma }: Parameters<typeof backwardKernel>[0],
  epsilon: number,
  activation: ActivationName,
  share: Tensor | undefined,
): Tensor[] {
  const inverseDeviation = rsqrt(add(variance, epsilon));
  const dOutput = activation === 'linear' ? dy : mul(dy, slopeFromOutput[activation]!(y));
  const normalized = mul(sub(x, mean), inverseDeviation);
  const dBeta = sum(dOutput, 0);
  const dGamma = sum(mul(dOutput, normalized), 0);
  const direct = share ? sub(dOutput, mul(add(dBeta, mul(normalized, dGamma)), share)) : dOutput;
  return [mul(direct, times(inverseDeviation, gamma)), dGamma, dBeta];
}

/** Gamma and beta for the normalised values before their correction: `γ·(x̂·r + d) + β`. */
function corrected(
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
  correction: Correction | undefined,
): { factor?: Tensor; offset?: Tensor } {
  if (!correction) return { factor: gamma, offset: beta };
  const { r, d } = correction;
  const shift = times(d, gamma);
  return { factor: times(r, gamma), offset: beta ? add(shift, beta) : shift };
}

function times(a: Tensor, b: Tensor | undefined): Tensor {
  return b ? mul(a, b) : a;
}
