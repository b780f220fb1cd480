import { type serialization, tidy } from '@tensorflow/tfjs-core';
import { input, LayersModel, type layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError } from '../core/args.js';
import { foldedWeights } from './affine.js';
import { FusedModel } from './FusedModel.js';
import { graphOf, type Value } from './graph.js';
import { linear } from './linear.js';
import { type Kernel, Plan } from './plan.js';

type Layer = layers.Layer;

/** A layer that could not be fused. Paths are names joined by slashes: `block/layer`. */
export interface Kept {
  /** Its name, after those of the models around it. */
  layer: string;
  /** Why, in a sentence. */
  reason: string;
}

/** What {@link fuse} returns. */
export interface Fusion {
  /** The model for inference, with weights of its own. */
  model: LayersModel;
  /** The layers that are gone, each with the layer that does its work now, or null if there is none. */
  fused: { layer: string; into: string | null }[];
  /** The normalisations, activations and dropouts that stay. */
  kept: Kept[];
}

/**
 * A model that computes in inference what the given one does, with fewer layers: from a model of any
 * inputs to one of the same inputs and outputs.
 *
 * Models and blocks inside are opened. Batch normalisation, ours and stock's, goes into the
 * convolution (plain, depthwise, separable or transposed) or dense layer before it, or into the one
 * after it where no padding is between; activations go into the layer before; dropout, noise and
 * `DropPath` go away. Outputs are equal up to rounding, 1e-4 relative.
 *
 * The given model is untouched. The new one owns its weights, saves and loads like every
 * `LayersModel`, and is to be disposed for itself. It is not for training.
 *
 * @throws an `OptionError` for what is not a built `LayersModel`, and for a layer that can't be made
 * again from its configuration; nothing is left allocated then.
 *
 * @example
 * ```ts
 * const { model: fast, kept } = fuse(network);
 * const y = fast.predict(x);
 * ```
 *
 * Source of the folding: Jacob et al. 2018, "Quantization and Training of Neural Networks for
 * Efficient Integer-Arithmetic-Only Inference", section 3.2.
 */
export function fuse(network: LayersModel): Fusion {
  if (!(network instanceof LayersModel) || !network.outputs?.length) {
    throw new OptionError('fuse: model must be a LayersModel with known inputs and outputs');
  }
  const graph = graphOf(network);
  const plan = new Plan(graph);
  const factory = new Factory();
  try {
    const tensors = new Map<Value, SymbolicTensor>();
    const inputs = network.inputs.map((x, i) => {
      const made = input({ batchShape: x.shape, dtype: x.dtype, name: network.inputNames[i]! });
      tensors.set(graph.inputs[i]!, made);
      return made;
    });
    const read = (value: Value) => tensors.get(plan.resolve(value))!;
    for (const kernel of plan.kernels) {
      const made = factory.apply(kernel, kernel.inputs.map(read));
      for (const [i, y] of made.entries()) tensors.set(kernel.outputs[i]!, y);
    }
    const outputs = graph.outputs.map(read);
    const { fused, kept } = plan;
    return {
      model: new FusedModel({ inputs, outputs, name: `${network.name}_fused` }),
      fused,
      kept,
    };
  } catch (error) {
    factory.dispose();
    throw error;
  }
}

/** Makes the layers of the new model; calls of one layer that are fused alike share one. */
class Factory {
  readonly #layers = new Map<string, Layer>();
  readonly #names = new Map<string, number>();

  /** The call of a kernel on tensors of the new model. */
  apply(kernel: Kernel, inputs: SymbolicTensor[]): SymbolicTensor[] {
    const key = keyOf(kernel);
    const shared = this.#layers.get(key);
    const layer = shared ?? this.#make(kernel);
    this.#layers.set(key, layer);
    const outputs = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { ...kernel.kwargs });
    // tfjs counts every call as an owner, and a model gives up a layer once.
    if (shared) shared.dispose();
    else this.#fill(layer, kernel);
    return [outputs].flat() as SymbolicTensor[];
  }

  #fill(made: Layer, kernel: Kernel): void {
    const { layer, before, after } = kernel;
    if (before || after.length > 0) {
      tidy(() => made.setWeights(foldedWeights(layer, linear(layer)!, before, after)));
    } else {
      made.setWeights(layer.getWeights());
    }
  }

  dispose(): void {
    for (const layer of this.#layers.values()) if (layer.built) layer.dispose();
  }

  #make({ layer, path, before, after, activation }: Kernel): Layer {
    const folds = before || after.length > 0;
    const config: serialization.ConfigDict = {
      ...layer.getConfig(),
      name: this.#name(path),
      trainable: false,
      ...(folds && { useBias: true }),
      ...(activation && { activation }),
    };
    const made = remade(layer, path, config);
    made.setFastWeightInitDuringBuild(true);
    return made;
  }

  /** A path is unique but where calls of a shared layer are fused in different ways. */
  #name(path: string): string {
    const count = (this.#names.get(path) ?? 0) + 1;
    this.#names.set(path, count);
    return count === 1 ? path : `${path}_${count}`;
  }
}

function remade(layer: Layer, path: string, config: serialization.ConfigDict): Layer {
  const cls = layer.constructor as serialization.SerializableConstructor<Layer>;
  try {
    return cls.fromConfig(cls, config);
  } catch (cause) {
    const { message } = cause as Error;
    throw new OptionError(`fuse: '${path}' can't be made again from its configuration: ${message}`);
  }
}

function keyOf({ layer, before, after, activation }: Kernel): string {
  return [layer.id, before?.id, after.map(({ id }) => id), activation].join('|');
}
