import type { Tensor } from '@tensorflow/tfjs-core';
import { type layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError, refuse } from '../core/args.js';
import { isModel } from '../core/steps.js';
import { innerLayers } from '../core/walk.js';
import { ownName } from '../core/weightNames.js';

type Layer = layers.Layer;

/**
 * Whose kernel a layer has: the names that lead to another layer, joined by `/`. An object, since
 * tf.layers keeps the spelling of nothing but a `name` when it saves a model.
 */
export interface TiedTo {
  name: string;
}

/**
 * The kernel of another layer, which is found again when a model is loaded: it must be among those
 * that lead to the input.
 */
export class Tie {
  readonly #who: string;
  readonly #to: TiedTo;
  #source?: Layer;

  constructor(who: string, to: TiedTo) {
    if (typeof to?.name !== 'string')
      refuse(who, 'tiedTo', 'an object with the name of a layer', to);
    this.#who = who;
    this.#to = { name: to.name };
  }

  /** What a model's JSON keeps. */
  get tiedTo(): TiedTo {
    return { ...this.#to };
  }

  /** Takes the layer whose kernel it is. */
  bind(source: Layer): void {
    this.#source = source;
  }

  /** Looks for the layer among those that lead to a symbolic tensor, the nearest first. */
  look(inputs: unknown): void {
    const steps = this.#to.name.split('/');
    const pending = [inputs].flat().filter((input) => input instanceof SymbolicTensor);
    const seen = new Set(pending);
    while (!this.#source && pending.length > 0) {
      const { sourceLayer, nodeIndex } = pending.shift()!;
      this.#source = inside(sourceLayer, steps);
      for (const tensor of sourceLayer.inboundNodes[nodeIndex]?.inputTensors ?? []) {
        if (!seen.has(tensor)) pending.push(tensor);
        seen.add(tensor);
      }
    }
  }

  /** The kernel as it is now. */
  get kernel(): Tensor {
    const kernel = this.#source?.weights.find((weight) => ownName(weight) === 'kernel');
    if (kernel) return kernel.read();
    throw new OptionError(
      `${this.#who}: has the kernel of '${this.#to.name}', which does not lead to its input; ` +
        'apply a tied decoder to its encoder, and save both as one model',
    );
  }
}

/** A layer or one inside it, by the names that lead there; a model's own name need not be told. */
function inside(layer: Layer, [name, ...rest]: string[]): Layer | undefined {
  if (layer.name === name) {
    if (rest.length === 0) return layer;
    const next = innerLayers(layer).find(([inner]) => inner === rest[0]);
    if (next) return inside(next[1], rest);
  }
  if (!isModel(layer)) return undefined;
  for (const [, inner] of innerLayers(layer)) {
    const found = inside(inner, [name!, ...rest]);
    if (found) return found;
  }
  return undefined;
}
