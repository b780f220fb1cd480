import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fusedMatMul as kernel } from '../../src/kernels/products/fusedMatMul.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { fused } from './reference/activations.js';
import { fusedMatMul as reference, tolerance } from './reference/fusedMatMul.js';
import { runOnArena } from './support/arena.js';
import { onOurKernels } from './support/registered.js';

const inputsOf = (m: number, k: number, n: number) => ({
  a: { shape: [m, k], values: noise(m * k, 1).map((v) => 4 * v) },
  b: { shape: [k, n], values: noise(k * n, 2) },
  bias: { shape: [n], values: noise(n, 3) },
});

describe('_FusedMatMul', () => {
  for (const activation of ['linear', 'relu', 'relu6'] as const) {
    it(`with ${activation} agrees with float64 loops, and touches nothing outside`, async () => {
      const attrs = { transposeA: false, transposeB: false, activation };
      for (const [m, n] of [5, 1].flatMap((m) => [1, 3, 4, 7, 8, 14, 17, 67].map((n) => [m, n]))) {
        const inputs = inputsOf(m!, 6, n!);
        const { a, b, bias } = inputs;
        const expected = reference(a.values, b.values, bias.values, activation, [m!, 6, n!]);
        for (const last of Object.keys(inputs)) {
          const [y] = runOnArena(kernel, inputs, attrs, last);
          await expectClose(y!.values, expected, { tolerance });
        }
      }
    });
  }

  describe('on the WASM backend', () => {
    onOurKernels();
    failOnLeaksAndWarnings();

    for (const activation of Object.keys(fused) as (keyof typeof fused)[]) {
      it(`with ${activation} agrees with float64 loops, and frees what it makes inside`, async () => {
        const { a, b, bias } = inputsOf(5, 6, 9);
        const before = tf.backend().numDataIds();
        const tensors = [a, b, bias].map((t) => tf.tensor([...t.values], t.shape));
        const y = tf.fused.matMul({
          a: tensors[0]!,
          b: tensors[1]!,
          bias: tensors[2]!,
          activation: activation as 'relu',
          leakyreluAlpha: 0.2,
        });
        expect(tf.backend().numDataIds() - before).toBe(4);
        const expected = reference(a.values, b.values, bias.values, activation, [5, 6, 9]);
        await expectClose(y, expected, { tolerance: 1e-5 });
        tf.dispose([tensors, y]);
      });
    }
  });
});
