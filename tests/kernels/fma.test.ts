import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { fuse } from '../../src/inference/index.js';
import { registerKernels } from '../../src/kernels/registerKernels.js';
import { engineHasFma } from '../../src/kernels/runtime/fma.js';
import { runningThreads } from './support/threads.js';

/** (1 + 2⁻¹²)² is this and 2⁻²⁴ more, which a float can't hold. */
const ROUNDED = 1 + 2 ** -11;
const ONCE = engineHasFma() ? 2 ** -24 : 0;
const TWICE = 0;

/** Two rows, since a single one has a kernel of its own, which sums in another order. */
const x = [
  [1, 1 + 2 ** -12],
  [1, 1 + 2 ** -12],
];
const w = [-ROUNDED, 1 + 2 ** -12];

/** x · w, whose second product is rounded, or is not, before it meets the first. */
function product(): number {
  return tf.tidy(() => tf.matMul(x, tf.tensor2d(w, [2, 1])).dataSync()[0]!);
}

it('the engine has fused multiply-add from Node 21 on', () => {
  expect(engineHasFma()).toBe(Number.parseInt(process.versions.node, 10) >= 21);
});

describe(`fused multiply-add${engineHasFma() ? '' : ', which this engine does not have,'}`, () => {
  beforeEach(async () => {
    tf.engine().reset();
    registerKernels({ fma: true });
    await useBackend({ prefer: 'wasm', threads: 1 });
  });
  afterAll(() => tf.engine().reset());

  it('rounds a product and its sum once', () => {
    expect(product()).toBe(ONCE);
  });

  it('is switched off and on again on a running backend, for predictions too', () => {
    const dense = layers.dense({ inputShape: [2], units: 1, useBias: false });
    const model = sequential({ layers: [dense] });
    dense.setWeights(tf.tidy(() => [tf.tensor2d(w, [2, 1])]));
    const fused = fuse(model).model;
    const predicted = () =>
      tf.tidy(() => (fused.predict(tf.tensor2d(x)) as tf.Tensor).dataSync()[0]);
    for (const [fma, expected] of [
      [true, ONCE],
      [false, TWICE],
      [true, ONCE],
    ] as const) {
      registerKernels({ fma });
      expect([product(), predicted(), predicted()]).toEqual([expected, expected, expected]);
    }
    fused.dispose();
    model.dispose();
  });

  it('stays off when useBackend registers the kernels again, and when they were taken out in between', async () => {
    const restore = registerKernels({ fma: false });
    await useBackend({ prefer: 'wasm', threads: 1 });
    expect(product()).toBe(TWICE);
    restore();
    registerKernels({ fma: true });
    expect(product()).toBe(ONCE);
    restore();
    registerKernels({ fma: false });
    expect(product()).toBe(TWICE);
  });

  it('is switched on all threads, which end with the backend', async () => {
    tf.engine().reset();
    expect((await useBackend({ prefer: 'wasm', threads: 2 })).threads).toBe(2);
    const before = runningThreads();
    registerKernels({ fma: false });
    const after = runningThreads();
    if (engineHasFma()) expect(after).not.toBe(before);
    await after.useThreads(2);
    expect([after.threads, product()]).toEqual([2, TWICE]);
    tf.engine().reset();
    expect(after.threads).toBe(1);
  });
});
