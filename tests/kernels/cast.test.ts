import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { cast as reference } from './reference/cast.js';
import { onOurKernels } from './support/registered.js';

describe('Cast', () => {
  onOurKernels();
  failOnLeaksAndWarnings();

  it('to the same type shares the memory', () => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      const x = tf.tensor([1, 0, 1], [3], dtype);
      const before = tf.memory().numDataBuffers;
      const y = tf.cast(x, dtype);
      expect(tf.memory().numDataBuffers).toBe(before);
      x.dispose();
      expect([...y.dataSync()]).toEqual(reference([1, 0, 1]));
      y.dispose();
    }
  });

  it('to another type converts, and leaves the input as it was', () => {
    const x = tf.tensor1d([1.75, -2.5, 0]);
    const int = tf.cast(x, 'int32');
    expect([...int.dataSync()]).toEqual([1, -2, 0]);
    expect([...x.dataSync()]).toEqual([1.75, -2.5, 0]);
    tf.dispose([x, int]);
  });
});
