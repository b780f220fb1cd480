import type { ConvCase } from '../support/convCases.js';
import { fused } from './activations.js';
import { conv2D, tolerance } from './conv2D.js';

export { tolerance };

/** act(x ⋆ w + bias). */
export function fusedConv2D(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  activation: keyof typeof fused,
  c: ConvCase,
): Float64Array {
  const y = conv2D(x, filter, c);
  return y.map((value, i) => fused[activation](value + (bias?.[i % c.outChannels] ?? 0)));
}
