import {
  engine,
  getKernel,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { ActivationName } from '../core/activation.js';

/** The kernels that a backend may have for batch normalisation, by name: WASM has, with ours. */
const FORWARD = 'BlocksBatchNormTrain';
const BACKWARD = 'BlocksBatchNormGrad';
/** The activations that they do in the same pass. */
const ACTIVATIONS: readonly ActivationName[] = ['linear', 'relu', 'relu6'];

interface Attrs {
  epsilon: number;
  activation: ActivationName;
}

/**
 * Whether the running backend has the kernels, for a batch normalisation with this activation. They
 * have no gradients of their own, so not inside a gradient of a gradient.
 */
export function hasKernels(activation: ActivationName): boolean {
  const { backendName, state } = engine();
  return (
    ACTIVATIONS.includes(activation) &&
    state.gradientDepth <= 1 &&
    !!getKernel(FORWARD, backendName)
  );
}

/** x [m, c] → y [m, c], and the batch's mean and biased variance [c]. */
export function forwardKernel(
  x: Tensor2D,
  gamma: Tensor1D | undefined,
  beta: Tensor1D | undefined,
  attrs: Attrs,
): [y: Tensor2D, mean: Tensor1D, variance: Tensor1D] {
  return run(FORWARD, { x, gamma, beta }, attrs) as [Tensor2D, Tensor1D, Tensor1D];
}

/** The gradients by x, gamma and beta; `fixed` when mean and variance are not those of x. */
export function backwardKernel(
  tensors: { x: Tensor; dy: Tensor; y: Tensor; mean: Tensor; variance: Tensor; gamma?: Tensor },
  attrs: Attrs & { fixed: boolean },
): Tensor[] {
  return run(BACKWARD, tensors, attrs);
}

function run(name: string, tensors: Record<string, Tensor | undefined>, attrs: object): Tensor[] {
  const inputs = Object.entries(tensors).filter((entry): entry is [string, Tensor] => !!entry[1]);
  return engine().runKernel(name, Object.fromEntries(inputs), { ...attrs }) as Tensor[];
}
