import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { identity as reference } from './reference/identity.js';
import { onOurKernels } from './support/registered.js';

describe('Identity', () => {
  onOurKernels();
  failOnLeaksAndWarnings();

  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    it(`shares the memory of ${dtype} tensors until the last one is disposed`, () => {
      const before = tf.memory().numDataBuffers;
      const x = tf.tensor([1, 0, 1, 1], [2, 2], dtype);
      const y = tf.clone(x);
      expect(tf.memory().numDataBuffers - before).toBe(1);
      x.dispose();
      const z = tf.clone(y);
      y.dispose();
      expect(z.shape).toEqual([2, 2]);
      expect([...z.dataSync()]).toEqual(reference([1, 0, 1, 1]));
      z.dispose();
    });
  }

  it('copies strings as stock does', () => {
    const x = tf.tensor(['a', 'b']);
    const y = tf.clone(x);
    x.dispose();
    expect(y.dataSync<'string'>()).toEqual(['a', 'b']);
    y.dispose();
  });

  it('keeps a clone of a variable when the variable is assigned', () => {
    const first = tf.tensor1d([1, 2]);
    const variable = tf.variable(first);
    const old = tf.clone(variable);
    const next = tf.tensor1d([3, 4]);
    variable.assign(next);
    expect([...old.dataSync()]).toEqual([1, 2]);
    expect([...variable.dataSync()]).toEqual([3, 4]);
    tf.dispose([first, variable, old, next]);
  });
});
