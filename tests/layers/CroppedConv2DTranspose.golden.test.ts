import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { CroppedConv2DTranspose, type CroppedConv2DTransposeArgs } from '../../src/index.js';
import cases from '../fixtures/transpose.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { outputAndGradients } from './gradients.js';

onEveryBackend(() => {
  for (const { name, options, ...golden } of cases) {
    it(`agrees with ${name}, forward and backward`, async () => {
      const of = ({ data, shape }: { data: number[]; shape: number[] }) => tf.tensor(data, shape);
      const weights = [of(golden.kernel), of(golden.bias)];
      const [kh, kw, filters] = golden.kernel.shape as [number, number, number, number];
      const layer = new CroppedConv2DTranspose({
        ...(options as Partial<CroppedConv2DTransposeArgs>),
        filters,
        kernelSize: [kh, kw],
        weights,
      });
      const [x, dy] = [of(golden.x), of(golden.dy)];
      const { y, gradients } = outputAndGradients(layer, [x], dy);
      await expectClose(y, golden.y.data, { shape: golden.y.shape });
      const expected = [golden.dx, golden.dKernel, golden.dBias];
      expect(gradients.length).toBe(3);
      for (const [i, gradient] of gradients.entries()) {
        await expectClose(gradient, expected[i]!.data, { shape: expected[i]!.shape });
      }
      tf.dispose([weights, x, dy, y, gradients]);
      layer.dispose();
    });
  }
});
