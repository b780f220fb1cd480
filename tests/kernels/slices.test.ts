import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerKernels } from '../../src/kernels/index.js';
import { prepareBackend } from '../support/environment.js';
import { noise } from '../support/float64.js';

const tensor = (shape: number[], seed: number) =>
  tf.tensor<tf.Rank>([...noise(tf.util.sizeFromShape(shape), seed)], shape as [number]);

/** What a kernel computes on tensors of several slices. */
const WORK: Record<string, () => tf.Tensor[]> = {
  'a convolution and its gradients, by Winograd': () => conv(8, 16, 1),
  'a convolution and its gradients, direct': () => conv(5, 9, 2),
  'a convolution to few channels': () => conv(8, 2, 1),
  'matrix products': () => {
    const [a, b] = [tensor([600, 70], 1), tensor([70, 50], 2)];
    return tf.grads((x, y) => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D))([a, b]);
  },
  'batch normalisation': () => {
    const { runKernel } = tf.engine();
    const x = tensor([9000, 8], 1);
    const attrs = { epsilon: 1e-3, activation: 'relu', fixed: false };
    const run = (name: string, inputs: tf.NamedTensorMap) =>
      runKernel.call(tf.engine(), name, inputs, attrs) as unknown as tf.Tensor[];
    const [y, mean, variance] = run('BlocksBatchNormTrain', { x });
    const all = { x, dy: tensor([9000, 8], 2), y: y!, mean: mean!, variance: variance! };
    return [y!, mean!, variance!, ...run('BlocksBatchNormGrad', all)];
  },
};

function conv(ci: number, co: number, stride: number): tf.Tensor[] {
  const [x, w] = [tensor([4, 21, 21, ci], 1), tensor([3, 3, ci, co], 2)];
  const dy = tensor([4, Math.ceil(21 / stride), Math.ceil(21 / stride), co], 3);
  const f = (a: tf.Tensor, b: tf.Tensor) =>
    tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, 'same');
  return [f(x, w), ...tf.grads(f)([x, w], dy)];
}

describe('slices', () => {
  let restore: () => void;
  beforeAll(() => prepareBackend('wasm'));
  beforeEach(async () => {
    restore = registerKernels();
    await tf.setBackend('wasm');
  });
  afterEach(() => {
    restore();
    // A new backend begins anew with calls slice by slice.
    tf.engine().reset();
  });

  for (const [name, work] of Object.entries(WORK)) {
    it(`of ${name} give the same bits one by one as in one call`, () => {
      const bits = () => {
        let all: Uint32Array[] = [];
        tf.tidy(() => {
          all = work().map((t) => new Uint32Array(t.dataSync<'float32'>().buffer));
        });
        return all;
      };
      const first = bits();
      let last = first;
      // The first calls of each function go slice by slice, later ones are one call.
      for (let i = 0; i < 25; i++) last = bits();
      expect(last).toEqual(first);
    });
  }
});
