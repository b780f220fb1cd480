import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerKernels } from '../../src/kernels/index.js';
import { oneHot as kernel } from '../../src/kernels/moves/oneHot.js';
import { prepareBackend } from '../support/environment.js';
import { oneHot as reference } from './reference/oneHot.js';
import { runOnArena } from './support/arena.js';

const indicesOf = (count: number, depth: number) => ({
  dtype: 'int32' as const,
  shape: [count],
  // Some are outside of the depth.
  values: Int32Array.from({ length: count }, (_, i) => ((i * 7) % (depth + 3)) - 1),
});

describe('OneHot', () => {
  it('is a row of two values for each index, reads and writes nothing outside of its tensors', () => {
    for (const count of [0, 1, 2, 7, 1023, 1024, 1025, 2049]) {
      for (const depth of [2, 3, 4, 5, 10]) {
        const indices = indicesOf(count, depth);
        for (const [onValue, offValue] of [
          [1, 0],
          [-3, 7],
        ] as const) {
          for (const dtype of ['float32', 'int32'] as const) {
            const attrs = { depth, onValue, offValue, dtype };
            const [y] = runOnArena(kernel, { indices }, attrs);
            expect(y!.shape).toEqual([count, depth]);
            const values = dtype === 'int32' ? new Int32Array(y!.values.buffer) : y!.values;
            expect([...values]).toEqual(reference(indices.values, attrs));
          }
        }
      }
    }
  });

  it('takes fractions and NaN where the type has them', () => {
    const attrs = { depth: 2, onValue: 0.5, offValue: Number.NaN, dtype: 'float32' };
    const [y] = runOnArena(kernel, { indices: indicesOf(2, 2) }, attrs);
    expect([...y!.values]).toEqual(reference(indicesOf(2, 2).values, attrs));
  });

  it('refuses indices that are not integers', () => {
    const indices = { ...indicesOf(2, 2), dtype: 'float32' as const };
    expect(() => runOnArena(kernel, { indices }, { depth: 2, onValue: 1, offValue: 0 })).toThrow(
      'OneHot: indices must be int32, got float32',
    );
  });
});

describe('oneHot on WASM', () => {
  beforeAll(async () => {
    await prepareBackend('wasm');
    await tf.setBackend('wasm');
  });

  const labels = (dtype: tf.DataType) =>
    tf.tidy(() => [
      ...tf.oneHot(tf.tensor2d([[1, 0]], undefined, 'int32'), 3, 1, 0, dtype).dataSync(),
    ]);

  it('writes numbers of each type, where stock writes the bits of integers as float32', () => {
    expect(labels('float32')[1]).toBeLessThan(1e-44);
    const restore = registerKernels();
    try {
      for (const dtype of ['float32', 'int32', 'bool'] as const) {
        expect(labels(dtype)).toEqual([0, 1, 0, 1, 0, 0]);
      }
    } finally {
      restore();
    }
  });

  it('lets a classifier learn from labels of float32', async () => {
    const restore = registerKernels();
    const learn = async () => {
      const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
      const y = tf.oneHot(tf.tensor1d([0, 1, 1, 1], 'int32'), 2, 1, 0, 'float32');
      const model = sequential({
        layers: [
          layers.dense({
            ...{ units: 2, activation: 'softmax', inputShape: [2], kernelInitializer: 'zeros' },
          }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(1), loss: 'categoricalCrossentropy' });
      const history = await model.fit(x, y, { epochs: 40, verbose: 0 });
      return history.history.loss!.at(-1) as number;
    };
    try {
      expect(await learn()).toBeLessThan(0.2);
    } finally {
      restore();
    }
  });
});
