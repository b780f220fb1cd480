import {
  dispose,
  type NamedTensorMap,
  type Optimizer,
  type Scalar,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OptionError } from '../core/args.js';
import { walk } from '../core/walk.js';
import { BatchNorm } from '../norm/BatchNorm.js';
import { gradientsOf } from './gradientsOf.js';
import { type Computed, PlannedGradients } from './PlannedGradients.js';
import { variablesOf } from './variablesOf.js';

/** What tf.layers keeps to itself of a compiled model. */
interface Compiled {
  optimizer_: Pick<Optimizer, 'minimize'>;
  collectedTrainableWeights: LayersModel['weights'];
  /** Others after every `compile`. */
  lossFunctions: object[];
  makeTrainFunction(): (data: (Tensor | null)[]) => Scalar[];
}

/** The plan of a model's training steps. */
export interface TrainingPlan {
  /** Why there is no plan, if it is the model, its loss or its metrics that hinder it. */
  readonly unplanned: string | undefined;
  /** Makes the model train without a plan again, and frees the plan's memory. */
  dispose(): void;
}

/**
 * Makes `fit`, `fitDataset` and `trainOnBatch` of a compiled model compute their steps by a plan, as {@link PlannedStep}
 * does: from the second step on the kernels that a step calls are called by themselves, without the layers, the
 * gradient tape and the allocations between them, with the same results. With our WASM kernels; on other backends
 * nothing changes.
 *
 * What a step does must depend on its batch and the model's weights alone: change a layer's `trainable` or
 * `frozen`, or the weight of a term of a loss of your own, and the steps don't see it until you compile the model
 * again. Random numbers (dropout) and losses that read the values of tensors are found out, and steps are computed
 * as before.
 *
 * @throws {@link OptionError} for a model that isn't compiled, and for one with a `BatchNorm` whose update ops are
 * `'deferred'`: `fit` never runs them.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: new Adam(), loss: 'meanSquaredError' });
 * const plan = planTraining(model);
 * await model.fit(x, x, { epochs: 5 });
 * plan.dispose();
 * ```
 */
export function planTraining(model: LayersModel): TrainingPlan {
  // A `Sequential` trains a model of its own.
  const compiled = ((model as unknown as { model?: object }).model ?? model) as Compiled;
  if (!compiled.optimizer_) {
    throw new OptionError(`planTraining: model '${model.name}' must be compiled first`);
  }
  for (const { path, layer } of walk(model)) {
    if (layer instanceof BatchNorm && layer.options.updates === 'deferred') {
      throw new OptionError(
        `planTraining: the updates of '${path.join('/')}' must be 'immediate', got 'deferred'`,
      );
    }
  }
  let { gradients, lossFunctions } = gradientsOfCompiled();
  function gradientsOfCompiled() {
    const { collectedTrainableWeights, lossFunctions } = compiled;
    const trained = variablesOf(collectedTrainableWeights);
    const gradients = new PlannedGradients(trained, variablesOf(model.weights));
    return { gradients, lossFunctions };
  }

  const makeTrainFunction = () => {
    const step = Object.getPrototypeOf(compiled).makeTrainFunction.call(compiled) as ReturnType<
      Compiled['makeTrainFunction']
    >;
    return (data: (Tensor | null)[]) => {
      if (compiled.lossFunctions !== lossFunctions) {
        gradients.forget();
        ({ gradients, lossFunctions } = gradientsOfCompiled());
      }
      const batch = data.filter((tensor) => tensor !== null);
      const staged = gradients.run(batch, () => withoutOptimizer(compiled, () => step(data)));
      if (!staged) return step(data);
      const { outputs, grads, moved } = staged;
      try {
        model.optimizer.applyGradients(grads);
        for (const { variable, value } of moved) variable.assign(value);
      } finally {
        dispose([...Object.values(grads), ...moved.map(({ value }) => value)]);
      }
      return outputs as Scalar[];
    };
  };
  compiled.makeTrainFunction = makeTrainFunction;
  return {
    get unplanned() {
      return gradients.unplanned;
    },
    dispose() {
      if (compiled.makeTrainFunction === makeTrainFunction) {
        delete (compiled as Partial<Compiled>).makeTrainFunction;
      }
      gradients.forget();
    },
  };
}

/** Calls a model's step with an optimizer that does nothing with the gradients, and returns them. */
function withoutOptimizer(model: Compiled, step: () => Scalar[]): Computed {
  const { optimizer_ } = model;
  let grads: NamedTensorMap = {};
  model.optimizer_ = {
    minimize(loss: () => Scalar, _: boolean, variables: Variable[]) {
      const result = gradientsOf(loss, variables);
      ({ grads } = result);
      return result.value;
    },
  };
  try {
    return { outputs: step(), grads };
  } finally {
    model.optimizer_ = optimizer_;
  }
}
