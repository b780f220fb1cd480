// @ts-check
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Adam, BatchNorm, trainStep } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { accuracy, crossEntropy, digitTensors } from './digits.js';

/** A small convolutional classifier of digits, to logits. */
export function makeClassifier() {
  const kernelInitializer = tfl.initializers.heNormal({ seed: 1 });
  const options = { filters: 16, kernelSize: 5, strides: 2, kernelInitializer };
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ ...options, name: 'conv', inputShape: [28, 28, 1], useBias: false }),
      new BatchNorm({ name: 'norm', activation: 'relu', momentum: 0.9 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ name: 'logits', units: 10, kernelInitializer }),
    ],
  });
}

/**
 * Learns digits, the same on every thread.
 *
 * @param {number} steps of 100 digits
 * @param {() => unknown} afterStep
 */
export async function trainClassifier(steps, afterStep) {
  await useBackend({ prefer: 'wasm' });
  const { train, heldOut } = await digitTensors(4000);
  const batches = [train.x, train.y].map((all) => tf.split(all, train.x.shape[0] / 100));
  const model = makeClassifier();
  const optimizer = new Adam({ learningRate: 2e-3 });
  for (let i = 0; i < steps; i++) {
    const [x, y] = batches.map((all) => all[i % all.length]);
    await trainStep(optimizer, () =>
      crossEntropy(y, /** @type {tf.Tensor} */ (model.apply(x, { training: true }))),
    );
    await afterStep();
  }
  return { model, accuracy: accuracy(model, heldOut) };
}
