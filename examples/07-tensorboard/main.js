// @ts-check
// Trains an autoencoder on digits and writes all that TensorBoard shows: losses, weights, activations,
// reconstructions and the graph; then reads the log directory and tells what is in it.
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNorm, mirror } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { SummaryWriter, summarizeActivations, tensorBoard } from 'tfjs-blocks/summary';
import { digitTensors, SIDE } from '../shared/digits.js';
import { pathOf, short } from '../shared/options.js';
import { progress } from '../shared/progress.js';
import { readLogs } from '../shared/readLogs.js';
import { printTable } from '../shared/table.js';

const epochs = short ? 3 : 6;
await useBackend({ prefer: 'wasm' });
const { train, heldOut } = await digitTensors(short ? 1000 : 5000);
const step = /** @type {const} */ ({ kernelSize: 3, strides: 2, padding: 'same' });
const { conv2d, flatten, dense } = tfl.layers;
const encoder = tfl.sequential({ name: 'encoder' });
encoder.add(conv2d({ ...step, filters: 16, name: 'conv', inputShape: [SIDE, SIDE, 1] }));
encoder.add(new BatchNorm({ activation: 'relu', momentum: 0.9, name: 'norm' }));
encoder.add(flatten());
encoder.add(dense({ units: 32, name: 'code' }));
const decoder = mirror(encoder, { activation: 'sigmoid', name: 'decoder' });
const model = tfl.sequential({ name: 'autoencoder', layers: [encoder, decoder] });
model.compile({ optimizer: tf.train.adam(2e-3, 0.9, 0.999, 1e-7), loss: 'meanSquaredError' });

const logs = pathOf('07-tensorboard');
const shown = tf.slice(heldOut.x, 0, 4);
// A folder for each time, so that TensorBoard shows them side by side.
const folder = join(logs, new Date().toISOString().slice(0, 19).replaceAll(':', '-'));
const bar = progress('training', epochs);
await model.fit(train.x, train.x, {
  ...{ epochs, batchSize: 50, verbose: 0, validationData: [heldOut.x, heldOut.x] },
  callbacks: [
    tensorBoard(folder, {
      ...{ model, updateFreq: 10, histogramFreq: 1 },
      images: () => ({ reconstructions: /** @type {tf.Tensor} */ (model.predict(shown)) }),
    }),
    new tfl.CustomCallback({
      onEpochEnd: async (_, logs) => bar.step(`loss ${logs?.loss.toFixed(4)}`),
    }),
  ],
});
bar.end();
// What the callback doesn't write goes into a run of its own.
const writer = new SummaryWriter(join(folder, 'inference'));
await writer.image('digits', shown, 0);
await summarizeActivations(writer, model, heldOut.x, epochs - 1);
await writer.close();

const points = readLogs(folder);
const kinds = [...new Set(points.map(({ run, kind }) => `${run}: ${kind}`))].sort();
printTable(
  ['written', 'tags', 'points', 'such as'],
  kinds.map((name) => {
    const found = points.filter(({ run, kind }) => `${run}: ${kind}` === name);
    const tags = [...new Set(found.map(({ tag }) => tag))];
    return [name, tags.length, found.length, tags[0]];
  }),
);
console.log(`\nTo look at it: pip install tensorboard && tensorboard --logdir ${logs}`);
