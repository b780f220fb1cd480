import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { cast as reference } from './reference/cast.js';
import { onOurKernels } from './support/registered.js';

describe('Cast', () => {
  const { onStock } = onOurKernels();
  failOnLeaksAndWarnings();

  it('to the same type shares the memory', () => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      const x = tf.tensor([1, 0, 1], [3], dtype);
      const before = tf.memory().numDataBuffers;
      const y = tf.cast(x, dtype);
      expect(tf.memory().numDataBuffers).toBe(before);
      x.dispose();
      expect([...y.dataSync()]).toEqual(reference([1, 0, 1], dtype));
      y.dispose();
    }
  });

  it('to bool says whether it is not 0, of which stock keeps the integer part modulo 256', () => {
    const values = [0, -0, 1, 0.5, 256, -3, Number.NaN, 1e-40, Number.NEGATIVE_INFINITY];
    for (const dtype of ['float32', 'int32'] as const) {
      const x = tf.tensor1d(dtype === 'int32' ? [0, 1, 256, -512, 3] : values, dtype);
      const y = tf.cast(x, 'bool');
      expect([y.dtype, y.shape]).toEqual(['bool', x.shape]);
      expect([...y.dataSync()]).toEqual(reference(x.dataSync(), 'bool'));
      expect([...onStock(() => tf.tidy(() => tf.cast(x, 'bool').dataSync()))]).not.toEqual([
        ...y.dataSync(),
      ]);
      tf.dispose([x, y]);
    }
    const none = tf.tidy(() => tf.cast(tf.zeros([0, 3]), 'bool'));
    expect(none.shape).toEqual([0, 3]);
    none.dispose();
  });

  it('to another type converts, and leaves the input as it was', () => {
    const x = tf.tensor1d([1.75, -2.5, 0]);
    const int = tf.cast(x, 'int32');
    expect([...int.dataSync()]).toEqual([1, -2, 0]);
    expect([...x.dataSync()]).toEqual([1.75, -2.5, 0]);
    tf.dispose([x, int]);
  });
});
