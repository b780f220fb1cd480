// @ts-check
// Weights of torchvision: a narrow ResNet-18 that train.py trained there knows digits here as it did in
// torch. `--weights FILE --picture PNG` shows a whole ResNet-18 a picture instead.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { resNetV1 } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { loadWeights } from 'tfjs-blocks/weights';
import { digitTensors, SIDE } from '../shared/digits.js';
import { classes, picture, weights } from '../shared/options.js';
import { forTorchvision, readPhoto } from '../shared/photo.js';
import { savePictures } from '../shared/pictures.js';
import { COLOURS } from '../shared/plot.js';
import { printTable } from '../shared/table.js';

const pathOf = (/** @type {string} */ name) => join(import.meta.dirname, name);
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;

/** @type {(file: string, args: import('tfjs-blocks').ResNetArgs, x: tf.Tensor) => Promise<tf.Tensor>} */
async function classify(file, args, x) {
  const network = resNetV1({ depth: 18, ...args });
  await loadWeights(network, file, { from: 'torchvision' });
  const logits = network.predict(forTorchvision(x), { batchSize: 100 });
  return tf.softmax(/** @type {tf.Tensor} */ (logits));
}

/** @param {string} file @param {string} path */
async function photo(file, path) {
  const { values, indices } = tf.topk(await classify(file, {}, await readPhoto(path)), 5);
  const names = classes ? (await readFile(classes, 'utf8')).split('\n') : [];
  const [shares, numbers] = [values, indices].map((t) => Array.from(t.dataSync()));
  const rows = numbers.map((n, i) => [names[n] ?? `class ${n}`, percent(shares[i])]);
  printTable([path, 'probability'], rows);
}

async function digits() {
  const { x, y } = (await digitTensors(10_000)).heldOut;
  const args = { filters: 6, classes: 10, inputShape: [SIDE, SIDE, 3] };
  const output = await classify(pathOf('digits.safetensors'), args, x);
  const torch = JSON.parse(await readFile(pathOf('torch.json'), 'utf8'));
  const [answers, guesses] = [y, output].map((t) => tf.argMax(t, 1).dataSync());
  const [shares, images] = [tf.max(output, 1).dataSync(), tf.unstack(x)];
  const shown = Array.from(images, (image, i) => {
    const colour = guesses[i] === answers[i] ? undefined : COLOURS[2];
    const note = colour ? `wrong: it is a ${answers[i]}` : '';
    const title = `${guesses[i]}, ${percent(shares[i])}`;
    return { title, note, colour, pixels: image.dataSync(), height: SIDE, width: SIDE };
  });
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const those = shown.filter((_, i) => answers[i] === digit);
    const right = those.filter(({ colour }) => !colour).length;
    return [digit, those.length, right, torch.right[digit]];
  });
  const sums = [1, 2, 3].map((i) => rows.reduce((sum, row) => sum + row[i], 0));
  const shareOf = (/** @type {number} */ right) => percent(right / sums[0]);
  printTable(
    ['digit', 'held out', 'right here', 'in torch'],
    [...rows, ['all', ...sums], ['', '', ...sums.slice(1).map(shareOf)]],
  );
  const [right, wrong] = [false, true].map((isWrong) =>
    shown.filter(({ colour }) => !colour !== isWrong),
  );
  await savePictures('08-torchvision.png', [right.slice(0, 6), wrong.slice(0, 6)]);
}

await useBackend({ prefer: 'wasm' });
await (weights && picture ? photo(weights, picture) : digits());
