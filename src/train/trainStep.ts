import {
  add,
  clone,
  dispose,
  type NamedTensorMap,
  type Optimizer,
  type Scalar,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { number } from '../core/args.js';
import { withUpdates } from '../norm/withUpdates.js';
import { checkSums, sumsOf } from './checkFinite.js';
import { clipByGlobalNorm } from './clipByGlobalNorm.js';
import { gradientsOf, type LossGradients } from './gradientsOf.js';

/** Options of {@link trainStep}. */
export interface TrainStepOptions {
  /** The variables to train. Default: every trainable variable. */
  variables?: Variable[];
  /**
   * The largest global norm of the gradients, > 0: longer ones are scaled down to it (Pascanu,
   * Mikolov and Bengio 2013, Algorithm 1). Default: no limit.
   */
  clipNorm?: number;
}

/**
 * One training step: gradients of the loss, the optimizer's step, then the update ops of every
 * `BatchNorm` that the loss called.
 *
 * All or nothing: when the loss or its gradient throws, or is not finite, neither the weights nor
 * the moving averages have moved. Several calls of a layer inside `loss` (a siamese network) move
 * its averages once, by the statistics of those batches together.
 *
 * @param loss - Computes a scalar, calling the model with `training: true`. An array of such
 * functions stands for their sum, computed one after the other in the memory of the largest:
 * gradient accumulation.
 * @returns The loss.
 * @throws what `loss` throws; an error that names the loss or the gradients that are not finite;
 * {@link OptionError} for a `clipNorm` out of its range.
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
  loss: (() => Scalar) | (() => Scalar)[],
  options: TrainStepOptions = {},
): Promise<number> {
  const { variables } = trainStepOptions('trainStep', options);
  const { result, updates } = withUpdates(() => gradientsOfSum([loss].flat(), variables));
  const sums = sumsOf(result);
  try {
    const lossValue = await checkSums(sums, result.grads);
    applyGradients(optimizer, result.grads, options);
    updates.run();
    return lossValue;
  } finally {
    updates.dispose();
    dispose([sums, result.value, ...Object.values(result.grads)]);
  }
}

/** Checks the options. */
export function trainStepOptions(owner: string, options: TrainStepOptions): TrainStepOptions {
  const { clipNorm } = options;
  if (clipNorm !== undefined) {
    number(owner, 'clipNorm', clipNorm, 'a positive number', (norm) => norm > 0);
  }
  return options;
}

/** The optimizer's step. */
export function applyGradients(
  optimizer: Optimizer,
  grads: NamedTensorMap,
  { clipNorm }: TrainStepOptions,
): void {
  tidy(() => optimizer.applyGradients(clipNorm ? clipByGlobalNorm(grads, clipNorm) : grads));
}

/** The sum of several losses and its gradients. */
function gradientsOfSum(losses: (() => Scalar)[], variables?: Variable[]): LossGradients {
  const [first, ...rest] = losses;
  let total = gradientsOf(first!, variables);
  for (const loss of rest) {
    const earlier = total;
    try {
      const next = gradientsOf(loss, variables);
      total = tidy(() => ({
        value: add<Scalar>(earlier.value, next.value),
        grads: sumOf(earlier.grads, next.grads),
      }));
      dispose([next.value, ...Object.values(next.grads)]);
    } finally {
      dispose([earlier.value, ...Object.values(earlier.grads)]);
    }
  }
  return total;
}

/** Gradients by name; a variable that one loss doesn't reach has those of the other. */
function sumOf(a: NamedTensorMap, b: NamedTensorMap): NamedTensorMap {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [x, y] = [a[name], b[name]];
      return [name, x && y ? add(x, y) : clone((x ?? y)!)];
    }),
  );
}
