import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Conv2DSame, type Conv2DSameArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { conv64, type Geometry, type Shape4, tensorOf } from '../support/convolution64.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { outputAndGradients } from './gradients.js';

interface Case {
  title: string;
  options: Omit<Conv2DSameArgs, 'filters'>;
  x: Shape4;
  /** What the reference needs: the kernel's size, the output's, and the geometry. */
  kernel: [number, number];
  size: [number, number];
  geometry: Geometry;
}

const CASES: Case[] = [
  {
    title: '5×6 in strides of 2',
    options: { kernelSize: 3, strides: 2 },
    x: [2, 5, 6, 2],
    kernel: [3, 3],
    size: [3, 3],
    geometry: { strides: [2, 2], before: [1, 1] },
  },
  {
    title: '4×7 by an even kernel, with tanh',
    options: { kernelSize: [4, 2], strides: [1, 3], activation: 'tanh' },
    x: [1, 4, 7, 4],
    kernel: [4, 2],
    size: [4, 3],
    geometry: { strides: [1, 3], before: [1, 0] },
  },
  {
    title: '5×6 dilated by 2 and 3',
    options: { kernelSize: 3, dilationRate: [2, 3] },
    x: [2, 5, 6, 2],
    kernel: [3, 3],
    size: [5, 6],
    geometry: { strides: [1, 1], dilations: [2, 3], before: [2, 3] },
  },
  {
    title: '4×3 by an even kernel, dilated by 3',
    options: { kernelSize: [2, 4], dilationRate: [3, 1] },
    x: [1, 4, 3, 2],
    kernel: [2, 4],
    size: [4, 3],
    geometry: { strides: [1, 1], dilations: [3, 1], before: [1, 1] },
  },
  {
    title: '5×5 in strides of 2, dilated by 2',
    options: { kernelSize: 2, strides: 2, dilationRate: 2 },
    x: [1, 5, 5, 2],
    kernel: [2, 2],
    size: [3, 3],
    geometry: { strides: [2, 2], dilations: [2, 2], before: [1, 1] },
  },
];

const FILTERS = 3;

onEveryBackend(() => {
  for (const { title, options, x, kernel, size, geometry } of CASES) {
    it(`${title}: output and gradients are those of the definition`, async () => {
      const kernelShape: Shape4 = [...kernel, x[3], FILTERS];
      const xs = noise(
        x.reduce((a, b) => a * b),
        1,
      );
      const ks = noise(
        kernelShape.reduce((a, b) => a * b),
        2,
      );
      const bs = noise(FILTERS, 3);
      const dys = noise(x[0] * size[0] * size[1] * FILTERS, 4);
      const act = options.activation === 'tanh' ? Math.tanh : (v: number) => v;
      const output = (xs: Float64Array, ks: Float64Array, bs: Float64Array) =>
        conv64(xs, x, ks, kernelShape, size, geometry).map((v, i) => act(v + bs[i % FILTERS]!));

      const weights = [tensorOf(ks, kernelShape), tf.tensor1d(Float32Array.from(bs))];
      const layer = new Conv2DSame({ ...options, filters: FILTERS, weights });
      const [image, dy] = [tensorOf(xs, x), tensorOf(dys, [x[0], ...size, FILTERS])];
      const { y, gradients } = outputAndGradients(layer, [image], dy);

      await expectClose(y, output(xs, ks, bs), { shape: dy.shape });
      const expected = [
        finiteDifferences((v) => dot(output(v, ks, bs), dys), xs),
        finiteDifferences((v) => dot(output(xs, v, bs), dys), ks),
        finiteDifferences((v) => dot(output(xs, ks, v), dys), bs),
      ];
      expect(gradients.length).toBe(3);
      for (const [i, gradient] of gradients.entries()) {
        await expectClose(gradient, expected[i]!, { tolerance: 2e-5 });
      }
      tf.dispose([y, gradients, weights, image, dy]);
      layer.dispose();
    });
  }

  describe("the numbers of tf-slim's own test (resnet_v1_test.py, testConv2DSame)", () => {
    const ramp = (n: number) =>
      Array.from({ length: n * n }, (_, i) => Math.floor(i / n) + (i % n));
    const expected = {
      4: [14, 43, 43, 84],
      5: [14, 43, 34, 43, 84, 55, 34, 55, 30],
    };
    for (const n of [4, 5] as const) {
      it(`come out for an image of ${n}×${n}`, async () => {
        const weights = [tensorOf(ramp(3), [3, 3, 1, 1])];
        const options = { filters: 1, kernelSize: 3, strides: 2, useBias: false };
        const layer = new Conv2DSame({ ...options, weights });
        const x = tensorOf(ramp(n), [1, n, n, 1]);
        const y = layer.apply(x) as tf.Tensor;
        await expectClose(y, expected[n]);
        tf.dispose([weights, x, y]);
        layer.dispose();
      });
    }
  });
});
