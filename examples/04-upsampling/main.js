// @ts-check
// Ways to make an image larger, side by side: a digit is made smaller, then as large as it was.
import * as tf from '@tensorflow/tfjs-core';
import {
  MaxPoolWithArgmax2D,
  MaxUnpool2D,
  PixelShuffle2D,
  PixelUnshuffle2D,
  Upsample2D,
} from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { digitTensors } from '../shared/digits.js';
import { savePictures } from '../shared/pictures.js';
import { printTable } from '../shared/table.js';

await useBackend({ prefer: 'wasm' });
const { train } = await digitTensors(20);
const image = tf.slice(train.x, [1, 0, 0, 0], [1, 28, 28, 1]);

const averages = tf.avgPool(image, 4, 4, 'valid');
const [maxima, indices] = /** @type {tf.Tensor[]} */ (new MaxPoolWithArgmax2D().apply(image));
const channels = /** @type {tf.Tensor} */ (new PixelUnshuffle2D({ size: 2 }).apply(image));
// The four channels as four small images.
const grid = tf.transpose(tf.reshape(channels, [14, 14, 2, 2]), [2, 0, 3, 1]);
const quarters = tf.reshape(grid, [1, 28, 28, 1]);
const unpooled = /** @type {tf.Tensor} */ (new MaxUnpool2D().apply([maxima, indices, image]));
const shuffled = /** @type {tf.Tensor} */ (new PixelShuffle2D({ size: 2 }).apply(channels));

/** @type {(interpolation: 'nearest' | 'bilinear' | 'bicubic' | 'transpose') => tf.Tensor} */
const upsample = (interpolation) =>
  /** @type {tf.Tensor} */ (new Upsample2D({ size: 4, interpolation }).apply(averages));

/** @type {[title: string, image: tf.Tensor, of: string][][]} */
const rows = [
  [
    ['averages of 4 × 4', averages, ''],
    ['nearest', upsample('nearest'), 'of the averages'],
    ['bilinear', upsample('bilinear'), 'of the averages'],
    ['bicubic', upsample('bicubic'), 'of the averages'],
    ['transpose', upsample('transpose'), 'a kernel of ones, as nearest'],
  ],
  [
    ['the digit', image, ''],
    ['maxima of 2 × 2', maxima, ''],
    ['max unpooling', unpooled, 'each maximum at its place'],
    ['pixel unshuffle', quarters, ''],
    ['pixel shuffle', shuffled, 'of its four channels'],
  ],
];

/** @type {(y: tf.Tensor) => string} */
const error = (y) => tf.sqrt(tf.losses.meanSquaredError(image, y)).dataSync()[0].toFixed(3);
const enlarged = rows.flat().filter(([, , of]) => of !== '');
printTable(
  ['28 × 28 again by', 'error'],
  enlarged.map(([title, y]) => [title, error(y)]),
);
console.log('\nThe error is the root mean square over the pixels, whose values lie in [0, 1].');
const pictures = rows.map((row) =>
  row.map(([title, y, of]) => {
    const [, height, width] = y.shape;
    const note = of || (y === quarters ? '4 channels of 14 × 14' : `${height} × ${width}`);
    return { title, note, pixels: y.dataSync(), height, width };
  }),
);
await savePictures('04-upsampling.png', pictures);
