import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { CroppedConv2DTranspose, type CroppedConv2DTransposeArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { convTransposed64, type Shape4, tensorOf } from '../support/convolution64.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { outputAndGradients } from './gradients.js';

interface Case {
  title: string;
  options: Omit<CroppedConv2DTransposeArgs, 'filters'>;
  x: Shape4;
  filters: number;
  /** What the reference needs: the kernel's size, the output's, and where its window begins. */
  kernel: [number, number];
  size: [number, number];
  before: [number, number];
}

const CASES: Case[] = [
  {
    title: "5×3 → 9×6, 'same'",
    options: { kernelSize: 3, strides: 2, padding: 'same', outputSize: [9, 6] },
    x: [2, 5, 3, 2],
    filters: 3,
    kernel: [3, 3],
    size: [9, 6],
    before: [1, 0],
  },
  {
    title: "4×4 → 7×7 of four channels each, with tanh, 'same'",
    options: { kernelSize: 4, strides: 2, padding: 'same', outputPadding: 1, activation: 'tanh' },
    x: [1, 4, 4, 4],
    filters: 4,
    kernel: [4, 4],
    size: [7, 7],
    before: [1, 1],
  },
  {
    title: "2×3 → 8×9, a stride larger than the kernel, 'valid'",
    options: { kernelSize: [2, 1], strides: [4, 3], padding: 'valid' },
    x: [1, 2, 3, 2],
    filters: 2,
    kernel: [2, 1],
    size: [8, 9],
    before: [0, 0],
  },
  {
    title: "3×4 → 5×10, dilated, 'same'",
    options: {
      kernelSize: [3, 2],
      strides: [2, 3],
      dilationRate: [2, 3],
      padding: 'same',
      outputSize: [5, 10],
    },
    x: [1, 3, 4, 2],
    filters: 2,
    kernel: [3, 2],
    size: [5, 10],
    // The dilated kernel spans 5×4; 'same' pads 4 rows and 3 columns.
    before: [2, 1],
  },
  {
    title: "3×3 → 7×7, cut in the center, 'same'",
    options: { kernelSize: 1, strides: 3, padding: 'same', outputSize: 7, crop: 'center' },
    x: [1, 3, 3, 1],
    filters: 1,
    kernel: [1, 1],
    size: [7, 7],
    before: [1, 1],
  },
];

onEveryBackend(() => {
  for (const { title, options, x, filters, kernel, size, before } of CASES) {
    it(`${title}: output and gradients are those of the definition`, async () => {
      const kernelShape: Shape4 = [...kernel, filters, x[3]];
      const xs = noise(
        x.reduce((a, b) => a * b),
        1,
      );
      const ks = noise(
        kernelShape.reduce((a, b) => a * b),
        2,
      );
      const bs = noise(filters, 3);
      const dys = noise(x[0] * size[0] * size[1] * filters, 4);
      const { strides, dilationRate = 1 } = options;
      const geometry = {
        strides: [strides, strides].flat().slice(0, 2) as [number, number],
        dilations: [dilationRate, dilationRate].flat().slice(0, 2) as [number, number],
        before,
      };
      const act = options.activation === 'tanh' ? Math.tanh : (v: number) => v;
      const output = (xs: Float64Array, ks: Float64Array, bs: Float64Array) =>
        convTransposed64(xs, x, ks, kernelShape, size, geometry).map((v, i) =>
          act(v + bs[i % filters]!),
        );

      const weights = [tensorOf(ks, kernelShape), tf.tensor1d(Float32Array.from(bs))];
      const layer = new CroppedConv2DTranspose({ ...options, filters, weights });
      const [image, dy] = [tensorOf(xs, x), tensorOf(dys, [x[0], ...size, filters])];
      const { y, gradients } = outputAndGradients(layer, [image], dy);

      await expectClose(y, output(xs, ks, bs), { shape: dy.shape });
      const expected = [
        finiteDifferences((v) => dot(output(v, ks, bs), dys), xs),
        finiteDifferences((v) => dot(output(xs, v, bs), dys), ks),
        finiteDifferences((v) => dot(output(xs, ks, v), dys), bs),
      ];
      for (const [i, gradient] of gradients.entries()) {
        await expectClose(gradient, expected[i]!, { tolerance: 2e-5 });
      }
      expect(gradients.length).toBe(3);
      tf.dispose([y, gradients, weights, image, dy]);
      layer.dispose();
    });
  }

  it('takes the size of a reference, whose values and type do not matter', async () => {
    const options = { filters: 1, kernelSize: 3, strides: 2, padding: 'same' } as const;
    const sized = new CroppedConv2DTranspose({ ...options, outputSize: [9, 10] });
    const layer = new CroppedConv2DTranspose(options);
    const x = tensorOf(noise(25), [1, 5, 5, 1]);
    const reference = tf.zeros([3, 9, 10, 2], 'int32');
    const y = layer.apply([x, reference]) as tf.Tensor;
    (sized.apply(x) as tf.Tensor).dispose();
    sized.setWeights(layer.getWeights());
    const expected = sized.apply(x) as tf.Tensor;
    await expectClose(y, await expected.data(), { shape: [1, 9, 10, 1] });
    tf.dispose([x, reference, y, expected]);
    layer.dispose();
    sized.dispose();
  });

  it('makes an empty batch of an empty batch', async () => {
    const layer = new CroppedConv2DTranspose({ filters: 2, kernelSize: 3, strides: 2 });
    const x = tf.zeros([0, 3, 3, 1]);
    const y = layer.apply(x) as tf.Tensor;
    expect(y.shape).toEqual([0, 7, 7, 2]);
    expect((await y.data()).length).toBe(0);
    tf.dispose([x, y]);
    layer.dispose();
  });
});
