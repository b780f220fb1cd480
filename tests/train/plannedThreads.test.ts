import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { Adam, planTraining, resNetV2, setSeed } from '../../src/index.js';
import { sharing } from '../../src/kernels/runtime/functions.js';
import { patience } from '../../src/kernels/runtime/ThreadPool.js';
import { digest, holdUnit, runningThreads } from '../kernels/support/threads.js';
import { noise } from '../support/float64.js';

const usual = { ...sharing, ...patience };
let model: tfl.LayersModel;
let [x, y]: tf.Tensor[] = [];

/** A planned network on a new backend with so many threads. */
async function start(threads: number): Promise<void> {
  tf.engine().reset();
  expect((await useBackend({ prefer: 'wasm', threads })).threads).toBe(threads);
  setSeed(1);
  model = resNetV2({ depth: 8, inputShape: [16, 16, 3], classes: 10 });
  model.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
  planTraining(model);
  x = tf.tensor(Float32Array.from(noise(4 * 16 * 16 * 3, 1)), [4, 16, 16, 3]);
  y = tf.tensor(Float32Array.from(noise(4 * 10, 2)), [4, 10]);
}

/** The bits of all weights after each step. */
async function train(steps: number): Promise<string[]> {
  const bits: string[] = [];
  for (let i = 0; i < steps; i++) {
    await model.trainOnBatch(x!, y!);
    bits.push(model.getWeights().map(digest).join());
  }
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

it('planned steps are the same, to the last bit, on 1, 2 and 4 threads', async () => {
  await start(1);
  const alone = await train(12);
  for (const threads of [2, 4]) {
    await start(threads);
    const run = vi.spyOn(runningThreads().functions.pool!, 'run');
    expect(await train(10)).toEqual(alone.slice(0, 10));
    expect(run).toHaveBeenCalled();
    // As many as there are now take part.
    await runningThreads().useThreads(1);
    expect(await train(2)).toEqual(alone.slice(10));
  }
});

it('planned steps whose threads are stuck in the middle go on with one, and are the same', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await start(1);
  const alone = await train(8);
  await start(2);
  expect(await train(4)).toEqual(alone.slice(0, 4));
  holdUnit(100);
  patience.limit = 100;
  expect(await train(4)).toEqual(alone.slice(4));
  expect(runningThreads().threads).toBe(1);
});
