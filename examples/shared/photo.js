// @ts-check
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { decode } from 'fast-png';

/** The mean and the deviation of the channels of ImageNet, with which torchvision's networks learned. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * What torchvision's networks see, `[n, h, w, 3]`, of images with values in [0, 1], grey or in colours.
 *
 * @param {tf.Tensor} images
 */
export const forTorchvision = (images) => tf.div(tf.sub(images, MEAN), DEVIATION);

/**
 * A PNG as torchvision prepares pictures: the shorter side made 256 pixels, and of the middle 224 × 224,
 * `[1, 224, 224, 3]`, values in [0, 1].
 *
 * @param {string} path
 */
export async function readPhoto(path) {
  const { data, width, height, channels, depth, palette } = decode(await readFile(path));
  if (palette) throw new Error(`${path} has a palette: save it in true colours`);
  return tf.tidy(() => {
    const all = tf.tensor3d(Float32Array.from(data), [height, width, channels]);
    // Without transparency; a grey picture has its channel three times.
    const colours = tf.slice(all, 0, [height, width, channels < 3 ? 1 : 3]);
    const image = tf.tile(colours, [1, 1, channels < 3 ? 3 : 1]);
    const [down, right] = [height, width].map((side) =>
      cropped(side, Math.floor((256 * side) / Math.min(height, width))),
    );
    // Rows first, then columns: [h, w, 3] → [224, w, 3] → [224, 224, 3].
    const rows = tf.reshape(tf.matMul(down, tf.reshape(image, [height, -1])), [224, width, 3]);
    const columns = tf.reshape(tf.transpose(rows, [1, 0, 2]), [width, -1]);
    const both = tf.reshape(tf.matMul(right, columns), [224, 224, 3]);
    return tf.div(tf.transpose(tf.expandDims(both), [0, 2, 1, 3]), 2 ** depth - 1);
  });
}

/**
 * How much each pixel of a side of `from` is in each of the middle 224 of `to`, `[224, from]`: bilinear,
 * and where the side shrinks smoothed as much, which a picture needs and tfjs's own resizing leaves out.
 *
 * @param {number} from
 * @param {number} to
 */
function cropped(from, to) {
  const scale = from / to;
  const reach = Math.max(1, scale);
  const first = Math.round((to - 224) / 2);
  const weights = Array.from({ length: 224 }, (_, i) => {
    const centre = (first + i + 0.5) * scale;
    const row = Array.from({ length: from }, (_, j) =>
      Math.max(0, 1 - Math.abs(j + 0.5 - centre) / reach),
    );
    const sum = row.reduce((a, b) => a + b);
    return row.map((weight) => weight / sum);
  });
  return tf.tensor2d(weights);
}
