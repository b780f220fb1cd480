import { entryOf, type System, spellings, type Target } from './names.js';
import type { Rename } from './resNetNames.js';

/** What a torch module's parameters and buffers are called in tf.layers, by the kinds of layers. */
const LEAVES: Record<string, readonly string[]> = {
  weight: ['kernel', 'depthwise_kernel', 'embeddings'],
  bias: ['bias', 'beta'],
  running_mean: ['moving_mean'],
  running_var: ['moving_variance'],
};

/** A counter of batches, which no weight of tf.layers holds. */
const IGNORED = /(^|\.)num_batches_tracked$/;

/**
 * Names of a torch module's state dict, whose modules are called as the model's layers are:
 * `features.0.weight` → `features/0/kernel`, `features.0/kernel` or `features_0/kernel`.
 *
 * @param rename The paths of layers that modules of known networks may stand for.
 */
export function torch(rename: Rename): System {
  return {
    targets({ name, shape }) {
      if (IGNORED.test(name)) return null;
      const steps = name.split('.');
      const leaf = steps.pop()!;
      const layers = [...spellings(steps), ...rename(steps.join('.'))];
      const scale = leaf === 'weight' && shape.length === 1;
      const weights = scale ? ['gamma'] : (entryOf(LEAVES, leaf) ?? [leaf]);
      return layers.flatMap((layer) => weights.map((weight) => target(layer, weight, shape)));
    },
  };
}

/**
 * torch's kernels begin with output and input channels, those of tf.layers end with input and output
 * channels; of a transposed convolution each has it the other way round, so that the same axes move.
 */
function target(layer: string, weight: string, shape: readonly number[]): Target {
  const name = `${layer}/${weight}`;
  if (!weight.endsWith('kernel') || shape.length < 2) return { name };
  const space = shape.slice(2).map((_, i) => i + 2);
  // A 1×1 convolution may be a dense layer here.
  const squeeze = weight === 'depthwise_kernel' || space.every((axis) => shape[axis] === 1);
  return { name, transpose: [...space, 1, 0], squeeze };
}
