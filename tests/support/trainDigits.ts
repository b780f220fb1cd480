import { createRequire } from 'node:module';
import {
  concat,
  ready,
  setBackend,
  slice,
  type Tensor,
  tensor4d,
  train,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { BasicBlock, BatchNorm, CroppedConv2DTranspose } from '../../src/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { summarizeActivations, tensorBoard } from '../../src/summary/index.js';
import { prepareBackend } from './environment.js';

type Digits = Record<number, { get(index: number): number[] }>;

const same = { kernelSize: 3, strides: 2, padding: 'same', useBias: false } as const;

function autoencoder(): tfl.Sequential {
  const encoder = tfl.sequential({
    name: 'encoder',
    layers: [
      tfl.layers.conv2d({ ...same, name: 'conv1', filters: 8, inputShape: [28, 28, 1] }),
      new BatchNorm({ name: 'norm1', activation: 'relu', momentum: 0.9 }),
      new BasicBlock({ name: 'block', filters: 8, normalization: { momentum: 0.9 } }),
      tfl.layers.conv2d({ ...same, name: 'conv2', filters: 16 }),
      new BatchNorm({ name: 'norm2', activation: 'relu', momentum: 0.9 }),
      tfl.layers.flatten({ name: 'flatten' }),
      tfl.layers.dense({ name: 'code', units: 32 }),
    ],
  });
  const decoder = tfl.sequential({
    name: 'decoder',
    layers: [
      tfl.layers.dense({ name: 'dense', units: 7 * 7 * 16, activation: 'relu', inputShape: [32] }),
      tfl.layers.reshape({ name: 'reshape', targetShape: [7, 7, 16] }),
      new CroppedConv2DTranspose({ ...same, name: 'up1', filters: 8, activation: 'relu' }),
      new CroppedConv2DTranspose({ ...same, name: 'up2', filters: 1, activation: 'sigmoid' }),
    ],
  });
  return tfl.sequential({ name: 'autoencoder', layers: [encoder, decoder] });
}

/** Trains a small autoencoder on real digits, on WASM, with everything that the callback writes. */
export async function trainDigits(logDir: string): Promise<void> {
  await prepareBackend('wasm');
  registerKernels();
  await setBackend('wasm');
  await ready();
  const digits = createRequire(import.meta.url)('mnist') as Digits;
  const pixels = Array.from({ length: 600 }, (_, i) => digits[i % 10]!.get(Math.floor(i / 10)));
  const x = tensor4d(pixels.flat(), [600, 28, 28, 1]);
  const model = autoencoder();
  model.compile({ optimizer: train.adam(3e-3, 0.9, 0.999, 1e-7), loss: 'meanSquaredError' });
  const shown = slice(x, 560, 4);
  const board = tensorBoard(logDir, {
    model,
    updateFreq: 2,
    histogramFreq: 1,
    images: () => ({
      'original and reconstruction': concat([shown, model.predict(shown) as Tensor], 2),
    }),
  });
  board.writer('train').text('notes', 'A small autoencoder on **600 digits**.', 0);
  await summarizeActivations(board.writer('train'), model, shown, 0);
  await model.fit(x, x, {
    epochs: 8,
    batchSize: 32,
    validationSplit: 0.1,
    verbose: 0,
    callbacks: board,
  });
}
