import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';

/**
 * A layer's output y, and the gradients of Σ y·dy by its first input and by each of its trainable
 * weights.
 */
export function outputAndGradients(
  layer: layers.Layer,
  [x, ...others]: [tf.Tensor, ...tf.Tensor[]],
  dy: tf.Tensor,
): { y: tf.Tensor; gradients: tf.Tensor[] } {
  const input = tf.variable(x);
  const call = () => layer.apply(others.length > 0 ? [input, ...others] : input) as tf.Tensor;
  const y = call();
  const weights = layer.trainableWeights.map((w) => w.read() as tf.Variable);
  const variables = [input, ...weights];
  const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(call(), dy)), variables);
  tf.dispose([value, input]);
  return { y, gradients: variables.map((v) => grads[v.name]!) };
}
