// @ts-check
// A convolution makes 5 pixels of 9. Stock transposed convolution makes 10 of the 5; cut at its end to 9,
// the image is one pixel off. CroppedConv2DTranspose gives 9, where they were.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { CroppedConv2DTranspose } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { digitTensors } from '../shared/digits.js';
import { savePictures } from '../shared/pictures.js';
import { printTable } from '../shared/table.js';

const step = /** @type {const} */ ({
  filters: 1,
  kernelSize: 3,
  strides: 2,
  padding: 'same',
  useBias: false,
});

await useBackend({ prefer: 'wasm' });
const row = tf.reshape(tf.cast(tf.oneHot([4], 9), 'float32'), [9, 1]);
const cross = tf.reshape(tf.maximum(row, tf.transpose(row)), [1, 9, 9, 1]);
const { train } = await digitTensors(20);
const digit = tf.slice(train.x, [1, 0, 0, 0], [1, 27, 27, 1]);

/** @type {(layer: tfl.layers.Layer, x: tf.Tensor) => tf.Tensor} with a kernel that interpolates */
function apply(layer, x) {
  layer.build(x.shape);
  layer.setWeights([tf.tensor4d([0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25], [3, 3, 1, 1])]);
  return /** @type {tf.Tensor} */ (layer.apply(x));
}
/** @type {(image: tf.Tensor) => number[]} where its ink is on average, in pixels from the top left */
const centre = (image) =>
  [1, 2].map((axis) => {
    const ink = tf.sum(image, [0, 3, 3 - axis]);
    return tf.div(tf.sum(tf.mul(ink, tf.range(0, ink.size))), tf.sum(ink)).dataSync()[0];
  });

const rows = [];
const pictures = [];
for (const [name, image] of Object.entries({ 'a cross': cross, 'a digit': digit })) {
  const size = image.shape[1] ?? 0;
  const code = apply(tfl.layers.conv2d(step), image);
  const stock = apply(tfl.layers.conv2dTranspose(step), code);
  const end = apply(new CroppedConv2DTranspose({ ...step, outputSize: size, crop: 'end' }), code);
  const exact = apply(new CroppedConv2DTranspose({ ...step, outputSize: size }), code);
  const decoded = { 'stock tfjs': stock, 'cut at the end': end, CroppedConv2DTranspose: exact };
  const line = [];
  for (const [title, y] of Object.entries({ [name]: image, ...decoded })) {
    const [down, right] = centre(y).map((c, i) =>
      (Math.round(10 * (c - centre(image)[i])) / 10 + 0).toFixed(1),
    );
    const [, height, width] = y.shape;
    if (y !== image) rows.push([`${name}, ${title}`, `${height} × ${width}`, down, right]);
    const pixels = tf.div(y, tf.max(y)).dataSync();
    const note = `${height} × ${width}${y === image ? '' : `, off by ${down}, ${right}`}`;
    line.push({ title, note, pixels, height, width });
  }
  pictures.push(line);
}
printTable(['decoded', 'size', 'pixels down', 'to the right'], rows);
await savePictures('03-odd-sizes.png', pictures);
