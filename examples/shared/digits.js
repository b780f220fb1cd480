// @ts-check
import * as tf from '@tensorflow/tfjs-core';
import { loadDigits, SIDE } from '../00-digits/data.js';

export { SIDE };

/**
 * Handwritten digits as tensors: images `[n, 28, 28, 1]` with values in [0, 1], and what they show,
 * `[n, 10]`, one-hot. Nine tenths to train with, one tenth held out.
 *
 * @param {number} count how many, 10,000 at most
 */
export async function digitTensors(count) {
  const { train, heldOut } = await loadDigits(count);
  return { train: tensors(train), heldOut: tensors(heldOut) };
}

/** @param {import('../00-digits/data.js').Images} images */
function tensors({ count, pixels, digits }) {
  return {
    x: tf.tensor4d(pixels, [count, SIDE, SIDE, 1]),
    // Not made as float32: tfjs's WASM backend writes integers all the same.
    y: tf.cast(tf.oneHot(Array.from(digits), 10), 'float32'),
  };
}

/**
 * The share of the digits that a classifier, in inference, takes for what they are.
 *
 * @param {import('@tensorflow/tfjs-layers').LayersModel} model
 * @param {{ x: tf.Tensor, y: tf.Tensor }} digits
 */
export function accuracy(model, { x, y }) {
  return tf.tidy(() => {
    const guess = /** @type {tf.Tensor} */ (model.predict(x, { batchSize: 250 }));
    const right = tf.equal(tf.argMax(guess, 1), tf.argMax(y, 1));
    return tf.mean(tf.cast(right, 'float32')).dataSync()[0];
  });
}

/**
 * The mean cross-entropy of logits, as `trainLoop` takes it.
 *
 * @param {tf.Tensor} target one-hot
 * @param {tf.Tensor} output logits
 * @returns {tf.Scalar}
 */
export function crossEntropy(target, output) {
  return tf.losses.softmaxCrossEntropy(target, output);
}
