import { Add, type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { fusedActivation } from './fusedActivation.js';

interface Inputs {
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

interface Attrs {
  activation?: string | null;
  leakyreluAlpha?: number;
}

/** Whether a bias holds one number for each channel, as our loops add it, or there is none. */
export function isPerChannel(bias: TensorInfo | undefined, channels: number): boolean {
  if (!bias) return true;
  const { dtype, shape } = bias;
  return dtype === 'float32' && shape.at(-1) === channels && util.sizeFromShape(shape) === channels;
}

/**
 * A fused operation on floats whose bias has any shape that can be broadcast, of which stock takes one alone: the
 * sums, the bias and the activation are kernels of their own. Null for what is left to stock.
 */
export function biasApart(
  heap: Heap,
  kernelName: string,
  { bias, preluActivationWeights, ...tensors }: Inputs,
  attrs: Attrs,
): TensorInfo | null {
  const activation = fusedActivation(
    attrs.activation,
    attrs.leakyreluAlpha,
    preluActivationWeights,
  );
  const inputs = tensors as Record<string, TensorInfo>;
  const all = [bias!, ...Object.values(inputs)];
  if (!activation || all.some(({ dtype }) => dtype !== 'float32')) return null;
  const sums = heap.call(kernelName, inputs, { ...attrs, activation: 'linear' } as NamedAttrMap);
  const y = heap.call(Add, { a: sums, b: bias! });
  heap.dispose(sums);
  return activation.alone(heap, y);
}
