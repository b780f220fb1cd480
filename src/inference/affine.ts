import { add, mul, reshape, rsqrt, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import type { Linear } from './linear.js';

type Layer = layers.Layer;

interface NormConfig {
  axis: number;
  epsilon: number;
  center: boolean;
  scale: boolean;
  activation?: string;
  training?: boolean | null;
  frozen?: boolean;
}

/** The options of a batch normalisation, ours or stock's; undefined for other layers. */
export function normConfig(layer: Layer): NormConfig | undefined {
  const name = layer.getClassName();
  if (name !== 'BatchNormalization' && name !== 'Blocks.BatchNorm') return undefined;
  return layer.getConfig() as unknown as NormConfig;
}

/** What a batch normalisation does in inference: y = scale · x + shift. */
function affine(norm: Layer): { scale: Tensor; shift: Tensor } {
  const { epsilon, center, scale: scales } = normConfig(norm)!;
  const weights = norm.getWeights();
  const gamma = scales ? weights.shift()! : undefined;
  const beta = center ? weights.shift()! : undefined;
  const [mean, variance] = weights as [Tensor, Tensor];
  const inverse = rsqrt(add(variance, epsilon));
  const scale = gamma ? mul(gamma, inverse) : inverse;
  const shift = mul(mean, scale);
  return { scale, shift: beta ? sub(beta, shift) : mul(shift, -1) };
}

/**
 * The weights of a linear layer, with a bias, that does the work of the normalisations around it:
 * `before` on its input, `after` on its output. To be called in a tidy; some may be the layer's own.
 */
export function foldedWeights(
  layer: Layer,
  { kernel: index, output, input }: Linear,
  before: Layer | undefined,
  after: Layer[],
): Tensor[] {
  const weights = layer.getWeights();
  const kernels = weights.slice(0, index + 1);
  let kernel = kernels[index]!;
  let bias = weights[index + 1];
  if (before) {
    const { scale, shift } = affine(before);
    const rows = [...kernel.shape.map(() => 1)];
    rows[kernel.rank + input!] = kernel.shape[kernel.rank + input!]!;
    const others = kernel.shape.map((_, axis) => axis).slice(0, -1);
    const constant = sum(mul(kernel, reshape(shift, rows)), others);
    bias = bias ? add(bias, constant) : constant;
    kernel = mul(kernel, reshape(scale, rows));
  }
  for (const norm of after) {
    const { scale, shift } = affine(norm);
    const channels = kernel.shape.map((size, axis) =>
      output.includes(axis - kernel.rank) ? size : 1,
    );
    kernel = mul(kernel, reshape(scale, channels));
    bias = bias ? add(mul(bias, scale), shift) : shift;
  }
  kernels[index] = kernel;
  return [...kernels, bias!];
}
