import { type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import {
  InputSpec,
  input,
  type LayersModel,
  type LayerVariable,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { OptionError, show } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { CallArgs, LayerArgs } from '../core/layer.js';
import type { Composite } from '../core/walk.js';
import { recomputed } from './recompute.js';

const RANKS = [4];

type Layer = layers.Layer;

/**
 * A layer on images that owns layers. Their weights, regularisation losses and trainability are its
 * own, named `block/layer/weight`; they are saved, loaded and disposed with it.
 */
export abstract class CompositeLayer extends layers.Layer implements Composite {
  readonly #owner: string;
  readonly #recompute: boolean;
  #inner?: LayersModel;
  #fastWeightInit = false;

  /**
   * @param owner what error messages call the layer
   * @param recompute whether activations are computed again in the backward pass
   */
  constructor(owner: string, args: LayerArgs, recompute: boolean) {
    super(args);
    this.#owner = owner;
    this.#recompute = recompute;
  }

  /** The graph of the layers inside, from the block's input to its output; once it is built. */
  get inner(): LayersModel {
    if (!this.#inner) throw new OptionError(`${this.who}: has no layers before it is built`);
    return this.#inner;
  }

  /** Connects the layers inside: each is applied through {@link join}. */
  protected abstract connect(x: SymbolicTensor): SymbolicTensor;

  /** Applies a layer inside. */
  protected join(layer: Layer, ...inputs: SymbolicTensor[]): SymbolicTensor {
    layer.setFastWeightInitDuringBuild(this.#fastWeightInit);
    return layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as SymbolicTensor;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(this.who, inputShape, RANKS);
    const channels = shape[3];
    if (channels == null) {
      throw new OptionError(`${this.who}: axis 3 must have a known size, got ${show(shape)}`);
    }
    this.inputSpec = [new InputSpec({ ndim: 4, axes: { 3: channels } })];
    const x = input({ batchShape: shape, name: 'input' });
    this.#inner = model({ inputs: x, outputs: this.connect(x), name: this.name });
    // What a model with `trainable = false` switches off: the flags of these alone.
    this.trainableWeights = this.#inner.layers.flatMap(ownTrainableWeights);
    if (!this.trainable) this.trainable = false;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.inner.computeOutputShape(oneShape(this.who, inputShape, RANKS)) as Shape;
  }

  override call(inputs: Tensor | Tensor[], kwargs: CallArgs): Tensor {
    return tidy(() => {
      const x = oneInput(this.who, inputs, RANKS);
      const forward = (from: Tensor) => this.inner.apply(from, kwargs) as Tensor;
      if (!this.#recompute) return forward(x);
      const variables = this.trainableWeights.map((weight) => weight.read() as Variable);
      return recomputed(forward, x, variables, this.nonTrainableWeights);
    });
  }

  override get trainableWeights(): LayerVariable[] {
    return this.trainable ? this.#layers.flatMap((layer) => layer.trainableWeights) : [];
  }

  override set trainableWeights(weights: LayerVariable[]) {
    super.trainableWeights = weights;
  }

  override get nonTrainableWeights(): LayerVariable[] {
    const of = this.trainable ? 'nonTrainableWeights' : 'weights';
    return this.#layers.flatMap((layer) => layer[of]);
  }

  override set nonTrainableWeights(weights: LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  /** Layer by layer, in an order that freezing does not change. */
  override get weights(): LayerVariable[] {
    return this.#layers.flatMap((layer) => layer.weights);
  }

  override get losses(): Layer['losses'] {
    return this.#layers.flatMap((layer) => layer.losses);
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.#fastWeightInit = value;
  }

  protected override disposeWeights(): number {
    return this.inner.dispose().numDisposedVariables;
  }

  /** What messages about a call begin with. */
  protected get who(): string {
    return `${this.#owner} '${this.name}'`;
  }

  get #layers(): Layer[] {
    return this.#inner?.layers ?? [];
  }
}

/** A layer's trainable weights, whether they are frozen or not. */
function ownTrainableWeights(layer: Layer): LayerVariable[] {
  return (layer as unknown as { _trainableWeights: LayerVariable[] })._trainableWeights;
}
