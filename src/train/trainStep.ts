import {
  dispose,
  engine,
  type NamedTensorMap,
  type Optimizer,
  type Scalar,
  stack,
  sum,
  type Tensor,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { withUpdates } from '../norm/withUpdates.js';

/** Options of {@link trainStep}. */
export interface TrainStepOptions {
  /** The variables to train. Default: every trainable variable. */
  variables?: Variable[];
}

/**
 * One training step: gradients of the loss, the optimizer's step, then the update ops of every
 * `BatchNorm` that the loss called.
 *
 * All or nothing: when the loss or its gradient throws, or is not finite, neither the weights nor
 * the moving averages have moved. Several calls of a layer inside `loss` (a siamese network) move
 * its averages once, by the statistics of those batches together.
 *
 * @param loss - Computes a scalar, calling the model with `training: true`.
 * @returns The loss.
 * @throws what `loss` throws; an error that names the loss or the gradients that are not finite.
 *
 * @example
 * ```ts
 * const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
 * const loss = await trainStep(optimizer, () =>
 *   tf.losses.meanSquaredError(x, model.apply(x, { training: true }) as tf.Tensor),
 * );
 * ```
 */
export async function trainStep(
  optimizer: Optimizer,
  loss: () => Scalar,
  { variables }: TrainStepOptions = {},
): Promise<number> {
  const { result, updates } = withUpdates(() => gradientsOf(loss, variables));
  const { value, grads } = result;
  try {
    const lossValue = await checkFinite(value, grads);
    optimizer.applyGradients(grads);
    updates.run();
    return lossValue;
  } finally {
    updates.dispose();
    dispose(value);
    dispose(grads);
  }
}

/** `variableGrads` that leaves no tensor behind when the loss or a gradient throws. */
function gradientsOf(
  loss: () => Scalar,
  variables?: Variable[],
): { value: Scalar; grads: NamedTensorMap } {
  try {
    return tidy(() => variableGrads(loss, variables));
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

/** The loss as a number, after making sure that it and every gradient is finite. */
async function checkFinite(loss: Scalar, grads: NamedTensorMap): Promise<number> {
  const names = Object.keys(grads);
  // One number per gradient, read back at once: NaN and Infinity survive a sum.
  const sums = tidy(() => stack([loss, ...names.map((name) => sum(grads[name]!))]));
  const [lossValue, ...gradientSums] = await sums.data();
  sums.dispose();
  if (!Number.isFinite(lossValue)) throw notFinite(`the loss is ${lossValue}`);
  const suspects = names.filter((_, i) => !Number.isFinite(gradientSums[i]));
  const bad = await filterNotFinite(suspects, grads);
  if (bad.length > 0) throw notFinite(`the gradient of ${bad.join(', ')} is not finite`);
  return lossValue!;
}

/** A sum of finite values may overflow, so the values themselves decide. */
async function filterNotFinite(names: string[], grads: NamedTensorMap): Promise<string[]> {
  const finite = await Promise.all(names.map((name) => allFinite(grads[name]!)));
  return names.filter((_, i) => !finite[i]);
}

async function allFinite(tensor: Tensor): Promise<boolean> {
  return (await tensor.data()).every(Number.isFinite);
}

function notFinite(what: string): Error {
  return new Error(`trainStep: ${what}; weights and moving averages were left as they were`);
}
