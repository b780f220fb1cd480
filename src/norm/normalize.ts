import {
  add,
  batchNorm2d,
  customGrad,
  div,
  divNoNan,
  type GradSaveFunc,
  mul,
  rsqrt,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { type ActivationName, activate, slopeFromOutput } from '../core/activation.js';
import { disposeStatistics, keepStatistics, type Statistics, statisticsOf } from './statistics.js';

export interface Affine {
  gamma?: Tensor1D;
  beta?: Tensor1D;
  epsilon: number;
  activation: ActivationName;
}

/**
 * Normalises each column with the mean and the biased variance of the batch, scales, shifts and
 * activates it: `[m, c] → [m, c]`, `y = act(γ·(x − μ)/√(σ² + ε) + β)`.
 *
 * The gradient flows through the statistics (Ioffe and Szegedy 2015, section 3), in two reductions
 * and one pass. The returned statistics are kept: their receiver disposes them.
 */
export function normalizeWithBatch(
  x: Tensor2D,
  affine: Affine,
  weights?: Tensor2D,
): { y: Tensor2D; statistics: Statistics } {
  let statistics: Statistics | undefined;
  try {
    const y = differentiable(x, affine, (input, gamma, beta) => {
      statistics = keepStatistics(statisticsOf(input, weights));
      const { mean, variance, weight } = statistics;
      const inverseDeviation: Tensor1D = rsqrt(add(variance, affine.epsilon));
      const scaled: Tensor2D = mul(sub(input, mean), times(inverseDeviation, gamma));
      const share = weights ? divNoNan(weights, weight) : div(1, weight);
      return { output: beta ? add(scaled, beta) : scaled, mean, inverseDeviation, share };
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
  return differentiable(x, affine, (input, gamma, beta) => ({
    output: batchNorm2d(input, mean, variance, beta, gamma, affine.epsilon),
    mean,
    inverseDeviation: rsqrt(add(variance, affine.epsilon)),
  }));
}

interface Forward {
  /** The normalised, scaled and shifted input, before the activation. */
  output: Tensor2D;
  mean: Tensor1D;
  inverseDeviation: Tensor1D;
  /** Each row's share in the statistics, `[m, 1]` or a scalar, when they come from the batch. */
  share?: Tensor;
}

/**
 * A forward pass with the gradient of batch normalisation and of the activation after it.
 * An activation whose slope its output tells is part of this one operation; another follows it.
 */
function differentiable(
  x: Tensor2D,
  { gamma, beta, activation }: Affine,
  forward: (x: Tensor2D, gamma?: Tensor1D, beta?: Tensor1D) => Forward,
): Tensor2D {
  const slope = slopeFromOutput[activation];
  const operation = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as GradSaveFunc;
    const [input, ...parameters] = inputs as [Tensor2D, ...Tensor1D[]];
    const [scale, offset] = [gamma && parameters[0], beta && parameters.at(-1)];
    const { output, mean, inverseDeviation, share } = forward(input, scale, offset);
    const y = slope ? activate(activation, output) : output;
    save([input, y, mean, inverseDeviation, ...(scale ? [scale] : []), ...(share ? [share] : [])]);

    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, y, mean, inverseDeviation] = saved as [Tensor, Tensor, Tensor, Tensor1D];
      const savedScale = scale && (saved[4] as Tensor1D);
      const dOutput = slope ? mul(dy, slope(y)) : dy;
      const normalized = mul(sub(x, mean), inverseDeviation);
      const dBeta = sum(dOutput, 0);
      const dGamma = sum(mul(dOutput, normalized), 0);
      const throughStatistics =
        share && mul(add(dBeta, mul(normalized, dGamma)), saved.at(-1) as Tensor);
      const direct = throughStatistics ? sub(dOutput, throughStatistics) : dOutput;
      const dx = mul(direct, times(inverseDeviation, savedScale));
      return [dx, ...(scale ? [dGamma] : []), ...(offset ? [dBeta] : [])];
    };
    return { value: y, gradFunc };
  });
  const y = operation(x, ...(gamma ? [gamma] : []), ...(beta ? [beta] : []));
  return (slope ? y : activate(activation, y)) as Tensor2D;
}

function times(a: Tensor1D, b: Tensor1D | undefined): Tensor1D {
  return b ? mul(a, b) : a;
}
