// @ts-check
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Both signs, `[…, c] → […, 2c]`: relu(x), relu(−x) (Shang et al. 2016); `inverse`, and back: `a − b`. */
export class Signs extends layers.Layer {
  static className = 'Example.Signs';

  /** @param {{ name?: string, inverse?: boolean }} args */
  constructor(args = {}) {
    super(args);
    this.inverse = args.inverse ?? false;
  }

  /** @override @param {number[]} shape */
  computeOutputShape(shape) {
    const channels = shape[shape.length - 1];
    return [...shape.slice(0, -1), this.inverse ? channels / 2 : 2 * channels];
  }

  /** @override @param {tf.Tensor | tf.Tensor[]} inputs */
  call(inputs) {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!this.inverse) return tf.concat([tf.relu(x), tf.relu(tf.neg(x))], -1);
    const [plus, minus] = tf.split(x, 2, -1);
    return tf.sub(plus, minus);
  }

  /** @override */
  getConfig() {
    return { ...super.getConfig(), inverse: this.inverse };
  }
}
tf.serialization.registerClass(Signs);
