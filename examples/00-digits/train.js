// @ts-check
import * as tf from '@tensorflow/tfjs-core';
import { Adam, PlannedStep, withUpdates } from 'tfjs-blocks';
import { pick, SIDE } from './data.js';
import { progress } from './progress.js';
import { randomNumbers, shuffled } from './random.js';

/** @import { LayersModel } from '@tensorflow/tfjs-layers' */
/** @import { Images } from './data.js' */

/**
 * The loss of each training step, and both losses after each epoch.
 *
 * @typedef {{
 *   steps: { epoch: number, loss: number }[],
 *   epochs: { epoch: number, training: number, heldOut: number }[],
 * }} Losses
 */

/**
 * Trains an autoencoder and shows how it goes.
 *
 * @param {LayersModel} model
 * @param {Images} images
 * @param {Images} heldOut
 * @param {{ epochs: number, batch: number, updates: boolean }} options
 */
export async function trainModel(model, images, heldOut, { epochs, batch, updates }) {
  const optimizer = new Adam({ learningRate: 2e-3, epsilon: 1e-7 });
  /** @param {tf.Tensor4D} x */
  const loss = (x) => squaredError(x, model.apply(x, { training: true }));
  const planned = new PlannedStep(model, optimizer, loss);
  /** @param {tf.Tensor4D} x */
  const step = (x) => (updates ? planned.run(x) : stepWithoutUpdates(optimizer, () => loss(x)));
  const random = randomNumbers(2);
  const bar = progress(images.count);
  /** @type {Losses} */
  const losses = { steps: [], epochs: [] };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    bar.begin(epoch);
    let sum = 0;
    const order = shuffled(images.count, random);
    for (let from = 0; from < images.count; from += batch) {
      const places = order.subarray(from, from + batch);
      const x = tensorOf(pick(images, places));
      const loss = await step(x);
      x.dispose();
      const seen = from + places.length;
      sum += loss * places.length;
      losses.steps.push({ epoch: epoch - 1 + seen / images.count, loss });
      bar.update(seen, sum / seen);
    }
    const after = { epoch, training: sum / images.count, heldOut: await evaluate(model, heldOut) };
    losses.epochs.push(after);
    bar.end(after.heldOut);
  }
  planned.dispose();
  optimizer.dispose();
  return losses;
}

/**
 * What not to do: the gradients and the step, but the moving averages of batch normalisation stay
 * where they began, at mean 0 and variance 1.
 *
 * @param {tf.Optimizer} optimizer
 * @param {() => tf.Scalar} loss
 */
async function stepWithoutUpdates(optimizer, loss) {
  const { result, updates } = withUpdates(() => optimizer.minimize(loss, true));
  updates.dispose();
  const [value] = await /** @type {tf.Scalar} */ (result).data();
  result?.dispose();
  return value;
}

/**
 * The mean loss in inference mode: batch normalisation uses its moving averages.
 *
 * @param {LayersModel} model
 * @param {Images} images
 */
async function evaluate(model, images) {
  const x = tensorOf(images.pixels);
  const loss = tf.tidy(() => squaredError(x, model.predict(x, { batchSize: 250 })));
  const [value] = await loss.data();
  tf.dispose([x, loss]);
  return value;
}

/**
 * @param {LayersModel} model
 * @param {Float32Array} pixels
 */
export async function reconstruct(model, pixels) {
  const x = tensorOf(pixels);
  const y = /** @type {tf.Tensor} */ (model.predict(x));
  const result = /** @type {Float32Array} */ (await y.data());
  tf.dispose([x, y]);
  return result;
}

/** @param {Float32Array} pixels */
function tensorOf(pixels) {
  return tf.tensor4d(pixels, [pixels.length / SIDE ** 2, SIDE, SIDE, 1]);
}

/**
 * @param {tf.Tensor} x
 * @param {unknown} y the model's output
 * @returns {tf.Scalar}
 */
function squaredError(x, y) {
  return tf.losses.meanSquaredError(x, /** @type {tf.Tensor} */ (y));
}
