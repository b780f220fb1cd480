import {
  dispose,
  type Optimizer,
  type Scalar,
  type Tensor,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withUpdates } from '../norm/withUpdates.js';
import { checkSums, sumsOf } from './checkFinite.js';
import { gradientsOf } from './gradientsOf.js';
import { type Computed, PlannedGradients } from './PlannedGradients.js';
import { applyGradients, type TrainStepOptions, trainStep, trainStepOptions } from './trainStep.js';
import { variablesOf } from './variablesOf.js';

/**
 * {@link trainStep} for many steps. With our WASM kernels the second step on a batch of a shape notes which kernels
 * the loss, its gradients and the update ops call, and the steps after it make these calls by themselves,
 * with the same results, on memory that stays: what lies between kernels is gone. On other backends each step is
 * `trainStep`'s.
 *
 * As with TensorFlow's `tf.function`, `loss` isn't called in every step. It must do the same with the batch and
 * the model's weights each time; what else decides about it, such as the weight of a term or `trainable`, stays
 * what it was. A loss that draws random numbers (dropout), reads the values of tensors, or takes or writes variables
 * that are neither the model's nor in `variables`, is found out: all steps are `trainStep`'s then, and
 * `unplanned` says why.
 *
 * @example
 * ```ts
 * const step = new PlannedStep(model, new Adam(), (x: tf.Tensor) =>
 *   tf.losses.meanSquaredError(x, model.apply(x, { training: true }) as tf.Tensor),
 * );
 * for (const batch of batches) console.log(await step.run(batch));
 * step.dispose();
 * ```
 */
export class PlannedStep<Batch extends Tensor[] = Tensor[]> {
  readonly #loss: (...batch: Batch) => Scalar;
  readonly #optimizer: Optimizer;
  readonly #options: TrainStepOptions & { variables: Variable[] };
  readonly #gradients: PlannedGradients;

  /**
   * @param loss - Computes a scalar from a batch, calling the model with `training: true`.
   * @param options - Those of {@link trainStep}; `variables` are by default the model's trainable ones.
   * @throws {@link OptionError} for a `clipNorm` out of its range.
   */
  constructor(
    model: LayersModel,
    optimizer: Optimizer,
    loss: (...batch: Batch) => Scalar,
    options: TrainStepOptions = {},
  ) {
    trainStepOptions('PlannedStep', options);
    const { variables = variablesOf(model.trainableWeights) } = options;
    this.#loss = loss;
    this.#optimizer = optimizer;
    this.#options = { ...options, variables };
    this.#gradients = new PlannedGradients(variables, variablesOf(model.weights));
  }

  /** Why there is no plan, if it is the loss that hinders it. */
  get unplanned(): string | undefined {
    return this.#gradients.unplanned;
  }

  /**
   * One step, all or nothing as {@link trainStep}.
   *
   * @param batch - What the loss takes.
   * @returns The loss.
   * @throws what {@link trainStep} throws.
   */
  async run(...batch: Batch): Promise<number> {
    const staged = this.#gradients.run(batch, () => this.#compute(batch));
    if (!staged) {
      return trainStep(this.#optimizer, () => this.#loss(...batch), this.#options);
    }
    const { outputs, grads, moved } = staged;
    try {
      const loss = await checkSums(outputs[0]!, grads);
      applyGradients(this.#optimizer, grads, this.#options);
      for (const { variable, value } of moved) variable.assign(value);
      return loss;
    } finally {
      dispose([...outputs, ...Object.values(grads), ...moved.map(({ value }) => value)]);
    }
  }

  /** Frees the plans' memory. The model and the optimizer are their owner's. */
  dispose(): void {
    this.#gradients.forget();
  }

  #compute(batch: Batch): Computed {
    return tidy(() => {
      const { variables } = this.#options;
      const { result, updates } = withUpdates(() =>
        gradientsOf(() => this.#loss(...batch), variables),
      );
      try {
        updates.run();
      } finally {
        updates.dispose();
      }
      return { outputs: [sumsOf(result)], grads: result.grads };
    }) as unknown as Computed;
  }
}
