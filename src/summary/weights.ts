import type { LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { innerLayers } from '../core/walk.js';
import { ownName } from '../core/weightNames.js';

type Layer = layers.Layer;

/**
 * The weights that a layer has for itself, not in a layer inside it, by their own names (`kernel`,
 * `bias`), which count up where they repeat.
 */
export function ownWeights(layer: Layer): Map<string, LayerVariable> {
  const inside = new Set(innerLayers(layer).flatMap(([, inner]) => inner.weights));
  const found = new Map<string, LayerVariable>();
  for (const weight of layer.weights.filter((weight) => !inside.has(weight))) {
    const name = ownName(weight);
    let unique = name;
    for (let i = 1; found.has(unique); i++) unique = `${name}_${i}`;
    found.set(unique, weight);
  }
  return found;
}
