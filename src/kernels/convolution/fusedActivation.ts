import { type NamedAttrMap, Relu, Relu6, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { type Bounds, UNBOUNDED } from './convolve.js';

/** The activation of a fused convolution or product: bounds of its output, or a kernel to run on it. */
export interface FusedActivation {
  bounds: Bounds;
  /** What remains to be done where y has been kept within bounds. It takes y's place. */
  finish(heap: Heap, y: TensorInfo): TensorInfo;
  /** The whole of it. */
  alone(heap: Heap, y: TensorInfo): TensorInfo;
}

/** The activation that tfjs's fused kernels name; null for one that they don't know. */
export function fusedActivation(
  activation: string | null | undefined,
  leakyReluAlpha = 0,
  preluWeights?: TensorInfo,
): FusedActivation | null {
  const { POSITIVE_INFINITY } = Number;
  switch (activation ?? 'linear') {
    case 'linear':
      return { bounds: UNBOUNDED, finish: same, alone: same };
    case 'relu':
      return { bounds: [0, POSITIVE_INFINITY], finish: same, alone: followedBy(Relu).alone };
    case 'relu6':
      return { bounds: [0, 6], finish: same, alone: followedBy(Relu6).alone };
    case 'elu':
      return followedBy('Elu');
    case 'sigmoid':
      return followedBy('Sigmoid');
    case 'leakyrelu':
      return followedBy('LeakyRelu', { alpha: leakyReluAlpha });
    case 'prelu':
      return preluWeights ? followedBy('Prelu', {}, { alpha: preluWeights }) : null;
    default:
      return null;
  }
}

const same = (_: Heap, y: TensorInfo) => y;

function followedBy(
  kernelName: string,
  attrs: NamedAttrMap = {},
  more: Record<string, TensorInfo> = {},
): FusedActivation {
  const run = (heap: Heap, y: TensorInfo) => {
    const output = heap.call(kernelName, { x: y, ...more }, attrs);
    heap.dispose(y);
    return output;
  };
  return { bounds: UNBOUNDED, finish: run, alone: run };
}
