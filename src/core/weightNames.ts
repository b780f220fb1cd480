import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { walk } from './walk.js';

/**
 * The weights of a model, each under the names of the layers that lead to it and its own, such as
 * `stage1/unit1/conv1/kernel`. They don't depend on what else was built before, and no two are equal.
 */
export function namedWeights(model: LayersModel): Map<string, LayerVariable> {
  // The innermost layer that has a weight comes last.
  const paths = new Map<LayerVariable, string[]>(model.weights.map((weight) => [weight, []]));
  for (const { path, layer } of walk(model)) {
    for (const weight of layer.weights) paths.set(weight, path);
  }
  const names = new Map<string, LayerVariable>();
  for (const [weight, path] of paths) {
    const name = [...path, ownName(weight)].join('/');
    let unique = name;
    for (let i = 1; names.has(unique); i++) unique = `${name}_${i}`;
    names.set(unique, weight);
  }
  return names;
}

/** A weight's name within its layer: `kernel`, `bias`. */
export function ownName(weight: LayerVariable): string {
  return weight.originalName.split('/').at(-1)!;
}
