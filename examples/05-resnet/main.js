// @ts-check
// A residual network and a fully connected one learn the same digits for the same number of epochs. The
// MLP soon knows by heart what it saw; what the ResNet learns, with a thirteenth of the parameters, holds for
// new digits about as well.
import * as tfl from '@tensorflow/tfjs-layers';
import { Adam, BatchNorm, cosine, resNetV1, setSeed, trainLoop } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { accuracy, crossEntropy, digitTensors } from '../shared/digits.js';
import { short } from '../shared/options.js';
import { progress } from '../shared/progress.js';
import { printTable } from '../shared/table.js';

const epochs = short ? 6 : 5;
const inputShape = [28, 28, 1];

function mlp() {
  const model = tfl.sequential({ layers: [tfl.layers.flatten({ inputShape })] });
  for (const seed of [1, 2]) {
    const kernelInitializer = tfl.initializers.heNormal({ seed });
    model.add(tfl.layers.dense({ units: 256, useBias: false, kernelInitializer }));
    model.add(new BatchNorm({ momentum: 0.9, activation: 'relu' }));
  }
  model.add(
    tfl.layers.dense({ units: 10, kernelInitializer: tfl.initializers.heNormal({ seed: 3 }) }),
  );
  return model;
}

await useBackend({ prefer: 'wasm' });
setSeed(9);
const { train, heldOut } = await digitTensors(short ? 700 : 5000);
const models = { MLP: mlp(), 'ResNet-8': resNetV1({ depth: 8, filters: 8, inputShape }) };
const rows = [];
for (const [name, model] of Object.entries(models)) {
  const batchSize = 25;
  const steps = epochs * Math.ceil(train.x.shape[0] / batchSize);
  const bar = progress(name.padEnd(8), steps);
  const onStep = (/** @type {{ loss: number }} */ { loss }) => bar.step(`loss ${loss.toFixed(3)}`);
  const started = performance.now();
  const optimizer = new Adam();
  await trainLoop(model, {
    ...train,
    loss: crossEntropy,
    optimizer,
    learningRate: cosine({ from: 1e-2, steps }),
    epochs,
    batchSize,
    planned: true,
    onStep,
    onEpoch: () => {},
  });
  const seconds = (performance.now() - started) / 1000;
  bar.end();
  const [learned, known] = [train, heldOut].map(
    (digits) => `${(100 * accuracy(model, digits)).toFixed(1)} %`,
  );
  rows.push([name, model.countParams(), `${seconds.toFixed(0)} s`, learned, known]);
}
printTable(['', 'parameters', 'training', 'accuracy', 'held out'], rows);
