import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { walk } from '../core/walk.js';
import { kindCounter } from './kerasKinds.js';
import type { System } from './names.js';
import type { Rename } from './resNetNames.js';

/**
 * Names of Keras's variables, whose layers are called as the model's are: `conv1/kernel`, or
 * `conv1/0` for the first weight of a layer. Where no layer's name is known the order of layers
 * tells: all with weights in a list, or in `.weights.h5` those of one class.
 *
 * @param rename The paths of layers that layers of known networks may stand for.
 */
export function keras(rename: Rename): System {
  return {
    targets({ name, byName = [name] }) {
      return byName.flatMap((path) => {
        const [, layer, weight] = /^(.*)\/(.*)$/.exec(path) ?? [];
        if (layer === undefined) return [{ name: path }];
        return [layer, ...rename(layer)].map((own) => ({ name: `${own}/${weight}` }));
      });
    },
    inOrder: ({ name, byOrder = name }) => [{ name: ORDER + byOrder }],
    aliases,
  };
}

/** No layer's name begins so. */
const ORDER = '#';

/**
 * Weights by the path of their layer and their place in it (`inner/conv/0`), by the layer's place in
 * the model (`#3/0`, the first weight of the fourth layer that has any), and by what Keras counts it
 * as (`#conv2d_1/0`).
 */
function aliases(model: LayersModel): Map<string, LayerVariable> {
  const found = new Map<string, LayerVariable>();
  const add = (place: string, { weights }: layers.Layer): void =>
    weights.forEach((weight, i) => {
      found.set(`${place}/${i}`, weight);
    });
  const addByKind = (inside: readonly layers.Layer[], place: string): void => {
    const nextKind = kindCounter();
    for (const layer of inside) {
      const own = place + nextKind(layer.getClassName());
      const nested = (layer as Partial<LayersModel>).layers;
      if (nested) addByKind(nested, `${own}/`);
      else add(own, layer);
    }
  };
  for (const { path, layer } of walk(model)) add(path.join('/'), layer);
  addByKind(model.layers, ORDER);
  const weighted = model.layers.filter(({ weights }) => weights.length > 0);
  for (const [i, layer] of weighted.entries()) add(`${ORDER}${i}`, layer);
  return found;
}
