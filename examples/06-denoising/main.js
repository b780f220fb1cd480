// @ts-check
// Removes noise from digits: a convolutional encoder, and the decoder that `mirror` makes of it, learn to
// give back the clean digit, 28 → 14 → 7 → 4 pixels and exactly back.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Adam, BatchNorm, mirror, trainLoop } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { digitTensors, SIDE } from '../shared/digits.js';
import { short } from '../shared/options.js';
import { savePictures } from '../shared/pictures.js';
import { progress } from '../shared/progress.js';
import { printTable } from '../shared/table.js';

const epochs = short ? 2 : 6;
const SHOWN = 6;

/** @typedef {tf.Tensor} T */
const squaredError = tf.losses.meanSquaredError;

await useBackend({ prefer: 'wasm' });
const { train, heldOut } = await digitTensors(short ? 2000 : 10_000);
/** @type {(images: T, seed: number) => T} */
const noisy = (images, seed) =>
  tf.clipByValue(tf.add(images, tf.randomNormal(images.shape, 0, 0.5, 'float32', seed)), 0, 1);
const x = noisy(train.x, 1);
const seen = noisy(heldOut.x, 2);

const encoder = tfl.sequential({ name: 'encoder' });
for (const [i, filters] of [16, 32, 64].entries()) {
  const step = /** @type {const} */ ({ kernelSize: 3, strides: 2, padding: 'same' });
  const kernelInitializer = tfl.initializers.heNormal({ seed: i });
  const inputShape = i === 0 ? [SIDE, SIDE, 1] : undefined;
  encoder.add(
    tfl.layers.conv2d({ ...step, filters, inputShape, kernelInitializer, useBias: false }),
  );
  encoder.add(new BatchNorm({ activation: 'relu', momentum: 0.9 }));
}
const decoder = mirror(encoder, { activation: 'sigmoid' });
const model = tfl.sequential({ layers: [encoder, decoder] });

const bar = progress('training', epochs * Math.ceil(train.x.shape[0] / 32));
await trainLoop(model, {
  ...{
    x,
    y: train.x,
    epochs,
    batchSize: 32,
    loss: squaredError,
    optimizer: new Adam({ learningRate: 3e-3 }),
    planned: true,
  },
  onStep: ({ epoch, loss }) => bar.step(`epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`),
  onEpoch: () => {},
});
bar.end();

const denoised = /** @type {T} */ (model.predict(seen, { batchSize: 250 }));
const rows = Object.entries({ noisy: seen, denoised, clean: heldOut.x });
/** @type {(images: T) => string} the error as a root mean square */
const error = (images) => tf.sqrt(squaredError(heldOut.x, images)).dataSync()[0].toFixed(3);
printTable(
  [`${heldOut.x.shape[0]} held-out digits`, 'error'],
  rows.slice(0, 2).map(([name, images]) => [name, error(images)]),
);
const pictures = rows.map(([title, images]) =>
  tf.unstack(tf.slice(images, 0, SHOWN)).map((image, i) => {
    const shown = i === 0 ? title : '';
    return { title: shown, pixels: image.dataSync(), height: SIDE, width: SIDE };
  }),
);
await savePictures('06-denoising.png', pictures);
