import { entryOf, type System, spellings } from './names.js';
import type { Rename } from './resNetNames.js';

/** What tf-slim's variables are called in tf.layers. */
const LEAVES: Record<string, string> = { weights: 'kernel', biases: 'bias' };

/** Of a checkpoint: the step, and what optimizers and averages keep beside each variable. */
const IGNORED =
  /(^|\/)(global_step|beta[12]_power|Momentum|RMSProp|Adam|ExponentialMovingAverage)(_1)?$/;

/**
 * Names of tf-slim's variables, with or without `:0`, whose scopes are called as the model's layers
 * are: `encoder/conv1/weights:0` → `encoder/conv1/kernel` or `encoder_conv1/kernel`.
 *
 * @param rename The paths of layers that scopes of known networks may stand for.
 */
export function slim(rename: Rename): System {
  return {
    targets({ name }) {
      const variable = name.replace(/:\d+$/, '');
      if (IGNORED.test(variable)) return null;
      const steps = variable.split('/');
      const leaf = steps.pop()!;
      // Logits are a 1×1 convolution there and may be a dense layer here.
      return [...spellings(steps), ...rename(steps.join('/'))].map((layer) => ({
        name: `${layer}/${entryOf(LEAVES, leaf) ?? leaf}`,
        squeeze: steps.at(-1) === 'logits',
      }));
    },
  };
}
