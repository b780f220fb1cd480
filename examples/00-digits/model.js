// @ts-check
import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNorm, CroppedConv2DTranspose } from 'tfjs-blocks';
import { SIDE } from './data.js';

/** The filters of the encoder's convolutions. Each halves the image: 28 → 14 → 7 → 4. */
const FILTERS = [16, 32, 64];

/** An image becomes this many numbers: 784 → 32. */
const CODE = 32;

/** How all convolutions step, there and back. */
const STEP = /** @type {const} */ ({ kernelSize: 3, strides: 2, padding: 'same' });

let seed = 0;
/** Each layer starts from other numbers, and these are the same in every run. */
const initializer = () => tfl.initializers.heNormal({ seed: ++seed });

function makeEncoder() {
  const encoder = tfl.sequential({ name: 'encoder' });
  for (const [i, filters] of FILTERS.entries()) {
    const inputShape = i === 0 ? [SIDE, SIDE, 1] : undefined;
    const options = { ...STEP, filters, inputShape, kernelInitializer: initializer() };
    // No bias: batch normalisation brings one.
    encoder.add(tfl.layers.conv2d({ ...options, useBias: false }));
    encoder.add(new BatchNorm({ activation: 'relu' }));
  }
  encoder.add(tfl.layers.flatten());
  encoder.add(tfl.layers.dense({ units: CODE, kernelInitializer: initializer() }));
  return encoder;
}

/**
 * The encoder's steps in reverse. Each transposed convolution gives exactly the size that its
 * convolution saw: 4 → 7 (stock tfjs makes 8 of it) → 14 → 28.
 *
 * @param {tfl.Sequential} encoder
 */
function makeDecoder(encoder) {
  const convolutions = encoder.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  const smallest = shapeOf(convolutions[convolutions.length - 1].output);

  const decoder = tfl.sequential({ name: 'decoder' });
  decoder.add(
    tfl.layers.dense({
      units: smallest.reduce((a, b) => a * b),
      inputShape: [CODE],
      useBias: false,
      kernelInitializer: initializer(),
    }),
  );
  decoder.add(tfl.layers.reshape({ targetShape: smallest }));
  for (const convolution of convolutions.reverse()) {
    const [height, width, filters] = shapeOf(convolution.input);
    const isLast = convolution === encoder.layers[0];
    decoder.add(new BatchNorm({ activation: 'relu' }));
    decoder.add(
      new CroppedConv2DTranspose({
        ...STEP,
        filters,
        outputSize: [height, width],
        useBias: isLast,
        activation: isLast ? 'sigmoid' : 'linear',
        kernelInitializer: initializer(),
      }),
    );
  }
  return decoder;
}

/** @param {tfl.SymbolicTensor | tfl.SymbolicTensor[]} tensor */
function shapeOf(tensor) {
  const [, ...shape] = /** @type {number[]} */ (/** @type {tfl.SymbolicTensor} */ (tensor).shape);
  return shape;
}

export function makeAutoencoder() {
  const encoder = makeEncoder();
  return tfl.sequential({ name: 'autoencoder', layers: [encoder, makeDecoder(encoder)] });
}
