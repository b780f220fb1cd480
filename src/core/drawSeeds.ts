import { serialization } from '@tensorflow/tfjs-core';
import type { initializers } from '@tensorflow/tfjs-layers';
import { random } from './random.js';

type Initializer = ReturnType<typeof initializers.zeros>;

/**
 * An initializer whose random numbers follow from the library's: it draws a seed whenever weights are
 * made. One that has a seed of its own, or no random numbers, comes back as it is.
 *
 * The seed drawn is not saved, so that a model's JSON stays what tf.layers writes, and networks made
 * from it differ in their weights.
 */
export function drawSeeds(initializer: Initializer): Initializer {
  const config = initializer.getConfig();
  const known = serialization.SerializationMap.getMap().classNameMap;
  const entry = known[initializer.getClassName()];
  if (!entry || !('seed' in config) || config.seed != null) return initializer;
  const [cls, fromConfig] = entry;
  const drawing = fromConfig(cls, config) as Initializer;
  drawing.apply = (shape, dtype) =>
    (fromConfig(cls, { ...config, seed: random.seed() }) as Initializer).apply(shape, dtype);
  return drawing;
}
