// @ts-check
// Batch normalisation from its formula, next to BatchNorm: in training the batch's own moments normalise,
// in inference the population's statistics, which are moving averages of them.
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { digitTensors } from '../shared/digits.js';
import { short } from '../shared/options.js';
import { printTable } from '../shared/table.js';

const BATCH = 50;
const [momentum, epsilon] = [0.95, 1e-3];

await useBackend({ prefer: 'wasm' });
const { train } = await digitTensors(short ? 6000 : 10_000);
// Four numbers of each digit: the ink in its quarters, in pixels.
const ink = tf.reshape(tf.mul(tf.avgPool(train.x, 14, 14, 'valid'), 14 * 14), [-1, 4]);
const batches = tf.split(ink, ink.shape[0] / BATCH);
const last = batches[batches.length - 1];

/** @typedef {tf.Tensor} T */
/** @type {(x: T, mean: T, variance: T) => T} with γ = 1 and β = 0 */
const normalise = (x, mean, variance) =>
  tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
/** @type {(average: T, value: T) => T} */
const move = (average, value) => tf.add(tf.mul(average, momentum), tf.mul(value, 1 - momentum));

let [mean, variance, trained] = [tf.zeros([4]), tf.ones([4]), ink];
const layer = new BatchNorm({ momentum, epsilon });
let output = ink;
for (const x of batches) {
  const batch = tf.moments(x, 0);
  trained = normalise(x, batch.mean, batch.variance);
  mean = move(mean, batch.mean);
  // A batch varies less around its own mean than around the population's.
  variance = move(variance, tf.mul(batch.variance, BATCH / (BATCH - 1)));
  output = /** @type {T} */ (layer.apply(x, { training: true }));
}
const inferred = /** @type {T} */ (layer.apply(last));
const [, , layerMean, layerVariance] = layer.getWeights();
const all = tf.moments(ink, 0);
const aim = normalise(last, all.mean, all.variance);

/** @type {(t: T) => string} of its first number */
const first = (t) => t.dataSync()[0].toFixed(3);
/** @type {(name: string, formula: T, layer: T, aim?: T) => string[]} */
const row = (name, formula, layer, aim) => {
  const difference = tf.max(tf.div(tf.abs(tf.sub(formula, layer)), tf.max(tf.abs(formula))));
  const error = difference.dataSync()[0].toExponential(0);
  return [name, first(formula), first(layer), error, aim ? first(aim) : ''];
};
console.log(`The ink in a digit's top left quarter after ${batches.length} batches of ${BATCH},`);
console.log(
  'and how far the two are apart in any quarter of any digit, as a share of the largest:',
);
printTable(
  ['', 'by the formula', 'BatchNorm', 'apart', 'of all digits'],
  [
    row('a digit of the last batch, in training', trained, output),
    row('mean, moving', mean, layerMean, all.mean),
    row('variance, moving', variance, layerVariance, all.variance),
    row('the digit, in inference', normalise(last, mean, variance), inferred, aim),
  ],
);
