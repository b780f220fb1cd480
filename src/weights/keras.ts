import type { Hdf5Array, Hdf5Group } from './hdf5.js';
import type { StoredTensor } from './StoredTensor.js';
import { WeightsError } from './WeightsError.js';

/** Groups of Keras's weight files that say how a layer is held, not what it is called. */
const STRUCTURE = /^(layers|_layer_checkpoint_dependencies|vars|cell)$/;

/** State that no layer of tf.layers has: the optimizer's, that of metrics and random generators. */
const STATE = /^(optimizer|metrics|seed_generator(_\d+)?)$/;

/**
 * The tensors of a Keras file: the H5 format (`model.save('x.h5')`), where each layer's group lists
 * its weights by name, or the weights of a `.keras` archive and of `.weights.h5`, where they are
 * numbered.
 *
 * @param names The layers' names by their places in the file, for files that hold none.
 * @throws {@link WeightsError} when an array that is listed isn't there.
 */
export function kerasTensors(
  root: Hdf5Group,
  file: string,
  names?: ReadonlyMap<string, string>,
): StoredTensor[] {
  const weights = root.groups.get('model_weights') ?? root;
  const layers = textList(weights.attributes, 'layer_names');
  return layers ? listedTensors(weights, layers, file) : numberedTensors(root, names);
}

function listedTensors(
  weights: Hdf5Group,
  layers: readonly string[],
  file: string,
): StoredTensor[] {
  const tensors: StoredTensor[] = [];
  let order = 0;
  for (const layer of layers) {
    const group = weights.groups.get(layer);
    const names = (group && textList(group.attributes, 'weight_names')) ?? [];
    names.forEach((path, i) => {
      const array = arrayAt(group, path);
      if (!array)
        throw new WeightsError(`${file} lists '${path}' in '${layer}' and has no such array`);
      const steps = path.replace(/:\d+$/, '').split('/');
      const name = (steps[0] === layer ? steps : [layer, ...steps]).join('/');
      tensors.push({
        name,
        ...array,
        byName: [name, `${layer}/${i}`],
        byOrder: `${order}/${i}`,
      });
    });
    if (names.length > 0) order++;
  }
  return tensors;
}

function arrayAt(group: Hdf5Group | undefined, path: string): Hdf5Array | undefined {
  const steps = path.split('/');
  const last = steps.pop()!;
  return steps.reduce((inner, step) => inner?.groups.get(step), group)?.arrays.get(last);
}

function numberedTensors(root: Hdf5Group, names?: ReadonlyMap<string, string>): StoredTensor[] {
  const tensors: StoredTensor[] = [];
  const visit = (group: Hdf5Group, place: readonly string[], path: readonly string[]): void => {
    for (const [index, array] of group.arrays) {
      const byOrder = [...place, index].join('/');
      const name = [...path, index].join('/');
      tensors.push({ name, ...array, byName: [name], byOrder });
    }
    for (const [key, inner] of group.groups) {
      if (STATE.test(key)) continue;
      if (STRUCTURE.test(key)) {
        visit(inner, place, path);
        continue;
      }
      const innerPlace = [...place, key];
      const own = inner.groups.get('vars')?.attributes.name ?? names?.get(innerPlace.join('/'));
      visit(inner, innerPlace, [...path, typeof own === 'string' ? own : key]);
    }
  };
  visit(root, [], []);
  return tensors;
}

/** An attribute that is a list of texts; a long one is cut into `name0`, `name1`, … */
function textList(attributes: Hdf5Group['attributes'], name: string): string[] | undefined {
  const whole = attributes[name];
  if (whole !== undefined) return [whole].flat().map(String);
  if (attributes[`${name}0`] === undefined) return undefined;
  const list: string[] = [];
  for (let i = 0; attributes[`${name}${i}`] !== undefined; i++) {
    list.push(...[attributes[`${name}${i}`]].flat().map(String));
  }
  return list;
}
