// @ts-check
// `mirror` doesn't know your own layer: teach it, and the decoder has its inverse.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Adam, mirror, trainStep } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { loadDigits } from '../00-digits/data.js';
import { short } from '../shared/options.js';
import { progress } from '../shared/progress.js';
import { printTable } from '../shared/table.js';
import { Signs } from './Signs.js';

await useBackend({ prefer: 'wasm' });
const conv = /** @type {const} */ ({ kernelSize: 3, strides: 2, padding: 'same' });
const encoder = tfl.sequential();
encoder.add(tfl.layers.conv2d({ ...conv, filters: 8, inputShape: [28, 28, 1] }));
encoder.add(new Signs({ name: 'signs' }));
encoder.add(tfl.layers.conv2d({ ...conv, filters: 8 }));

try {
  mirror(encoder);
} catch (error) {
  console.log(`Without a handler: ${/** @type {Error} */ (error).message}\n`);
}
/** @type {import('tfjs-blocks').MirrorHandler} */
const back = (_, y, { name }) =>
  /** @type {tfl.SymbolicTensor} */ (new Signs({ name, inverse: true }).apply(y));
const decoder = mirror(encoder, { activation: 'sigmoid', handlers: { 'Example.Signs': back } });

const { pixels, count } = (await loadDigits(short ? 300 : 1000)).train;
const x = tf.tensor4d(pixels, [count, 28, 28, 1]);
const output = () => /** @type {tf.Tensor} */ (decoder.apply(encoder.apply(x)));
const loss = () => /** @type {tf.Scalar} */ (tf.losses.meanSquaredError(x, output()));
const [steps, optimizer] = [short ? 30 : 200, new Adam({ learningRate: 1e-2 })];
const bar = progress('training', steps);
for (let i = 0; i < steps; i++) bar.step(`loss ${(await trainStep(optimizer, loss)).toFixed(4)}`);
bar.end();
const shapes = [...encoder.layers, ...decoder.layers].map(({ name, outputShape }) =>
  [name, outputShape.slice(1).join(' × ')].map(String),
);
printTable(['layer', 'makes'], shapes);
