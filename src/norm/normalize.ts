import {
  add,
  batchNorm2d,
  customGrad,
  div,
  divNoNan,
  type GradSaveFunc,
  mul,
  rsqrt,
  scalar,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { type ActivationName, activate, slopeFromOutput } from '../core/activation.js';
import { backwardKernel, forwardKernel, hasKernels } from './kernels.js';
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
    const y = differentiable(x, affine, (input, gamma, beta, fused) => {
      if (!weights && hasKernels(fused)) {
        const attrs = { epsilon: affine.epsilon, activation: fused };
        const [y, mean, variance] = forwardKernel(input, gamma, beta, attrs);
        const weight = input.shape[0];
        statistics = keepStatistics({ mean, variance, weight, squaredWeight: weight });
        return { y, mean, variance, share: scalar(1 / weight) };
      }
      statistics = keepStatistics(statisticsOf(input, weights));
      const { mean, variance, weight } = statistics;
      const inverseDeviation = rsqrt(add(variance, affine.epsilon));
      const scaled: Tensor2D = mul(sub(input, mean), times(inverseDeviation, gamma));
      const share = weights ? divNoNan(weights, weight) : div(1, weight);
      const y = activate(fused, beta ? add(scaled, beta) : scaled);
      return { y, mean, variance, share };
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
}

/**
 * A forward pass with the gradient of batch normalisation and of the activation after it.
 * An activation whose slope its output tells is part of this one operation; another follows it.
 */
function differentiable(
  x: Tensor2D,
  { gamma, beta, epsilon, activation }: Affine,
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
    const [input, ...parameters] = inputs as [Tensor2D, ...Tensor1D[]];
    const [scale, offset] = [gamma && parameters[0], beta && parameters.at(-1)];
    const { y, mean, variance, share } = forward(input, scale, offset, fused);
    save([input, y, mean, variance, ...(scale ? [scale] : []), ...(share ? [share] : [])]);

    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, y, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
      const tensors = { x, dy, y, mean, variance, gamma: scale && saved[4] };
      const ofRows = share && saved.at(-1)!.rank > 0;
      const [dx, dGamma, dBeta] =
        !ofRows && hasKernels(fused)
          ? backwardKernel(tensors, { epsilon, activation: fused, fixed: !share })
          : backward(tensors, epsilon, fused, share && saved.at(-1));
      return [dx!, ...(scale ? [dGamma!] : []), ...(offset ? [dBeta!] : [])];
    };
    return { value: y, gradFunc };
  });
  const y = operation(x, ...(gamma ? [gamma] : []), ...(beta ? [beta] : []));
  return (fused === activation ? y : activate(activation, y)) as Tensor2D;
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

function times(a: Tensor, b: Tensor | undefined): Tensor {
  return b ? mul(a, b) : a;
}
