import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { resNetV1 } from '../../src/index.js';
import { fuse } from '../../src/inference/index.js';
import { sharing } from '../../src/kernels/runtime/functions.js';
import { patience } from '../../src/kernels/runtime/ThreadPool.js';
import { digest, holdUnit, runningThreads } from '../kernels/support/threads.js';
import { noise } from '../support/float64.js';
import { scramble } from './support.js';

const usual = { ...sharing, ...patience };
let fast: LayersModel;
let x: tf.Tensor;

/** A fused network on a new backend with so many threads; convolutions of every kind are in it. */
async function start(threads: number): Promise<void> {
  tf.engine().reset();
  expect((await useBackend({ prefer: 'wasm', threads })).threads).toBe(threads);
  const image = input({ shape: [32, 32, 3] });
  const deep = resNetV1({ depth: 8, inputShape: [32, 32, 3], classes: 10 }).apply(image);
  const wide = [
    layers.conv2d({ filters: 128, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.conv2d({ filters: 160, kernelSize: 1 }),
    layers.globalAveragePooling2d({}),
  ].reduce((y, layer) => layer.apply(y) as SymbolicTensor, image);
  const outputs = layers.concatenate().apply([deep as SymbolicTensor, wide]) as SymbolicTensor;
  const network = model({ inputs: image, outputs });
  scramble(network);
  fast = fuse(network).model;
  network.dispose();
  x = tf.tensor(Float32Array.from(noise(32 * 32 * 3, 1)), [1, 32, 32, 3]);
}

function predicted(): string {
  const y = fast.predict(x) as tf.Tensor;
  const bits = digest(y);
  y.dispose();
  return bits;
}

/** All that can be shared is. */
beforeEach(() => {
  sharing.threshold = 0;
});
afterEach(() => {
  sharing.threshold = usual.threshold;
  patience.limit = usual.limit;
  vi.restoreAllMocks();
  tf.engine().reset();
});

it('a plan predicts the same, to the last bit, on 1, 2 and 4 threads', async () => {
  await start(1);
  const alone = predicted();
  for (const threads of [2, 4]) {
    await start(threads);
    const run = vi.spyOn(runningThreads().functions.pool!, 'run');
    const tensors = tf.memory().numTensors;
    // The first calls of each function go slice by slice; those of a plan are taken down the second time.
    for (let i = 0; i < 30; i++) expect(predicted()).toBe(alone);
    expect(run).toHaveBeenCalled();
    expect(tf.memory().numTensors).toBe(tensors);
    // As many as there are now take part.
    await runningThreads().useThreads(1);
    for (let i = 0; i < 3; i++) expect(predicted()).toBe(alone);
  }
});

it('a plan makes calls that are left to one thread by themselves, and asks about others each time', async () => {
  await start(1);
  const alone = predicted();
  const asked = async (threshold: number) => {
    sharing.threshold = threshold;
    await start(2);
    for (let i = 0; i < 30; i++) expect(predicted()).toBe(alone);
    const run = vi.spyOn(runningThreads().functions, 'run');
    for (let i = 0; i < 3; i++) expect(predicted()).toBe(alone);
    return run.mock.calls.length;
  };
  expect(await asked(Number.POSITIVE_INFINITY)).toBe(0);
  expect(await asked(0)).toBeGreaterThan(10);
});

it('a plan whose threads are stuck in the middle goes on with one, and predicts the same', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await start(2);
  const expected = predicted();
  for (let i = 0; i < 3; i++) predicted();
  holdUnit(4);
  patience.limit = 100;
  for (let i = 0; i < 200 && runningThreads().threads > 1; i++) {
    expect(predicted()).toBe(expected);
  }
  expect(runningThreads().threads).toBe(1);
  for (let i = 0; i < 3; i++) expect(predicted()).toBe(expected);
});
