import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
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
    ordered: orderedWeights,
  };
}

/** No layer's name begins so. */
const ORDER = '#';

/** Weights by `#3/0`, the first of the fourth layer that has any, and by `#conv2d_1/0`. */
function orderedWeights(model: LayersModel): Map<string, LayerVariable> {
  const ordered = new Map<string, LayerVariable>();
  const add = (place: string, { weights }: layers.Layer): void =>
    weights.forEach((weight, i) => {
      ordered.set(`${ORDER}${place}/${i}`, weight);
    });
  const visit = (inside: readonly layers.Layer[], place: string): void => {
    const nextKind = kindCounter();
    for (const layer of inside) {
      const own = place + nextKind(layer.getClassName());
      const nested = (layer as Partial<LayersModel>).layers;
      if (nested) visit(nested, `${own}/`);
      else add(own, layer);
    }
  };
  visit(model.layers, '');
  model.layers
    .filter(({ weights }) => weights.length > 0)
    .forEach((layer, i) => {
      add(`${i}`, layer);
    });
  return ordered;
}
