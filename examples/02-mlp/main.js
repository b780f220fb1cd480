// @ts-check
// The experiment of Ioffe and Szegedy 2015, section 4.1: three layers of a hundred sigmoid units learn
// digits, with and without batch normalisation, each from three random starts.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNorm, trainLoop } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { accuracy, crossEntropy, digitTensors } from '../shared/digits.js';
import { saveLearningCurves, spreads } from '../shared/learningCurves.js';
import { short } from '../shared/options.js';
import { progress } from '../shared/progress.js';
import { printTable } from '../shared/table.js';

const epochs = short ? 3 : 12;
const [PLAIN, NORMALISED] = ['without BatchNorm', 'with BatchNorm'];

/** @param {string} kind @param {number} start */
function makeModel(kind, start) {
  const model = tfl.sequential({ layers: [tfl.layers.flatten({ inputShape: [28, 28, 1] })] });
  /** @param {number} i */
  const kernel = (i) => tfl.initializers.glorotNormal({ seed: 10 * start + i });
  for (const i of [1, 2, 3]) {
    model.add(tfl.layers.dense({ units: 100, kernelInitializer: kernel(i) }));
    if (kind === NORMALISED) model.add(new BatchNorm({ momentum: 0.9 }));
    model.add(tfl.layers.activation({ activation: 'sigmoid' }));
  }
  model.add(tfl.layers.dense({ units: 10, kernelInitializer: kernel(4) }));
  return model;
}

await useBackend({ prefer: 'wasm' });
const { train, heldOut } = await digitTensors(short ? 1500 : 10_000);
/** @type {{ kind: string, epoch: number, value: number }[]} */
const points = [];
for (const kind of [PLAIN, NORMALISED])
  for (const seed of [1, 2, 3]) {
    const model = makeModel(kind, seed);
    const bar = progress(`${kind.padEnd(PLAIN.length)}  start ${seed}`, epochs);
    const options = { loss: crossEntropy, optimizer: tf.train.sgd(0.1), batchSize: 60, seed };
    const onEpoch = (/** @type {{ epoch: number }} */ { epoch }) => {
      const value = 100 * accuracy(model, heldOut);
      points.push({ kind, epoch, value });
      bar.step(`${value.toFixed(1)} % of the held-out digits`);
    };
    await trainLoop(model, { ...train, ...options, epochs, onEpoch });
    bar.end();
  }

const all = spreads(points);
printTable(
  ['held-out digits', 'epoch', 'mean', 'least', 'most'],
  all
    .filter(({ epoch }) => epoch === 1 || epoch === epochs)
    .map(({ kind, epoch, ...values }) => {
      const percent = [values.mean, values.least, values.most].map((p) => `${p.toFixed(1)} %`);
      return [kind, epoch, ...percent];
    }),
);
const label = 'held-out digits recognised, in %: mean and spread of three starts';
await saveLearningCurves('02-mlp.png', all, label);
