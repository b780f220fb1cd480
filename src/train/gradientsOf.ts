import {
  dispose,
  engine,
  type NamedTensorMap,
  type Scalar,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';

/** A loss and its gradients by the variables' names. */
export interface LossGradients {
  value: Scalar;
  grads: NamedTensorMap;
}

/** `variableGrads` that leaves no tensor behind when the loss or a gradient throws. */
export function gradientsOf(loss: () => Scalar, variables?: Variable[]): LossGradients {
  try {
    return tidy(() => variableGrads(loss, variables)) as LossGradients;
  } catch (error) {
    // tfjs disposes what a tape saved only at the end of a backward pass.
    const { state } = engine();
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) dispose(saved);
      state.activeTape = null as never;
    }
    throw error;
  }
}
