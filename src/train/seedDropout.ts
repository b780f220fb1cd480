import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { random } from '../core/random.js';
import { walk } from '../core/walk.js';

/** The layers of tf.layers that take a seed, but the same numbers in every call with it. */
const CLASSES = ['Dropout', 'SpatialDropout1D'];

type Dropout = layers.Layer & { seed?: number | null };

/**
 * Calls `fn`, while the library's random numbers decide what the dropout layers of a model drop: they
 * get a seed for each call. Those with a seed of their own keep it.
 */
export function seedDropout<T>(model: LayersModel, fn: () => T): T {
  const unseeded = new Set<Dropout>();
  for (const { layer } of walk(model)) {
    const isDropout = CLASSES.includes(layer.getClassName());
    if (isDropout && (layer as Dropout).seed == null) unseeded.add(layer);
  }
  for (const layer of unseeded) {
    const { call } = layer;
    layer.call = (inputs, kwargs) => {
      layer.seed = random.seed();
      return call.call(layer, inputs, kwargs);
    };
  }
  try {
    return fn();
  } finally {
    for (const layer of unseeded) {
      layer.seed = undefined;
      delete (layer as Partial<Dropout>).call;
    }
  }
}
