import { type DataId, Tensor } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { type Plans, planOf } from '../core/plans.js';

type Tensors = Tensor | Tensor[];
type PredictArgs = NonNullable<Parameters<LayersModel['predict']>[1]>;

/**
 * A model that predicts by a plan where the backend has one, and in every other respect a
 * `LayersModel`: it is saved as one, and loads as one.
 */
export class FusedModel extends LayersModel {
  readonly #plans: Plans = {};
  #variables: LayersModel['weights'] | undefined;
  /** The values that the plan was made with. */
  #values: DataId[] = [];

  override predict(x: Tensors, args: PredictArgs = {}): Tensors {
    const compute = () => super.predict(x, args);
    return this.#planned(x, args.batchSize ?? 32, compute) ?? compute();
  }

  override predictOnBatch(x: Tensors): Tensors {
    const compute = () => super.predictOnBatch(x);
    return this.#planned(x, Number.POSITIVE_INFINITY, compute) ?? compute();
  }

  override dispose() {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.#forget();
    return result;
  }

  /** The outputs for one batch by a plan; undefined where there can't be one. */
  #planned(x: Tensors, batchSize: number, compute: () => Tensors): Tensors | undefined {
    const inputs = Array.isArray(x) ? x : [x];
    const plan = planOf(this.#plans);
    if (!plan || inputs.length !== this.inputs.length) return undefined;
    for (const input of inputs) {
      const fits = input instanceof Tensor && input.rank > 1 && input.shape[0]! <= batchSize;
      if (!fits || input.shape[0] === 0) return undefined;
    }
    this.#compareWeights();
    const outputs = plan({ inputs, compute: () => [compute()].flat() });
    return outputs.length === 1 ? outputs[0] : outputs;
  }

  /** A plan has constants in it that were computed from the weights. */
  #compareWeights(): void {
    this.#variables ??= this.weights;
    const values = this.#variables.map((weight) => weight.read().dataId);
    if (values.every((value, i) => value === this.#values[i])) return;
    this.#forget();
    this.#values = values;
  }

  #forget(): void {
    this.#plans.kept?.dispose();
    this.#plans.kept = undefined;
  }
}
