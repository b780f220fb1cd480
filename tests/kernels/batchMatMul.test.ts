import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchMatMul as kernel } from '../../src/kernels/products/batchMatMul.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { batchMatMul as reference, tolerance } from './reference/batchMatMul.js';
import { runOnArena } from './support/arena.js';
import { onOurKernels } from './support/registered.js';

const SIZES: [number, number, number][] = [
  ...[1, 3, 4, 5, 7, 8, 9, 15, 16, 17].flatMap((t): [number, number, number][] => [
    [t, 5, 6],
    [6, t, 9],
    [5, 6, t],
    [t, 7, 16],
    [5, t, 32],
  ]),
  [257, 3, 2],
  [30, 130, 40],
  [259, 5, 48],
  [1, 9, 15],
  [1, 9, 131],
  [1, 4, 64],
  [1, 130, 3],
  [3, 0, 5],
  [0, 3, 5],
];

const matrix = (shape: number[], seed: number) => ({
  shape,
  values: noise(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});

/** Integers of which no sum of products leaves 32 bits, nor is always exact in float32. */
const integers = (shape: number[], seed: number) => {
  const { values } = matrix(shape, seed);
  return { shape, dtype: 'int32' as const, values: values.map((v) => Math.round(4000 * v)) };
};

const TRANSPOSED = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

const nameOf = (...transposed: boolean[]) => transposed.map((t) => (t ? 'T' : 'N')).join('');

describe('BatchMatMul', () => {
  for (const [transposeA, transposeB] of TRANSPOSED) {
    const name = nameOf(transposeA, transposeB);
    it(`${name} agrees with float64 loops, reads and writes nothing outside`, async () => {
      for (const [m, k, n] of SIZES) {
        const inputs = {
          a: matrix(transposeA ? [k, m] : [m, k], 1),
          b: matrix(transposeB ? [n, k] : [k, n], 2),
        };
        const { a, b } = inputs;
        const expected = reference(a.values, b.values, [m, k, n], transposeA, transposeB);
        for (const last of ['a', 'b']) {
          const [product] = runOnArena(kernel, inputs, { transposeA, transposeB }, last);
          expect(product!.shape).toEqual([m, n]);
          await expectClose(product!.values, expected, { tolerance });
        }
      }
    });

    it(`${name} broadcasts the leading axes`, async () => {
      const [m, k, n] = [3, 5, 9];
      const a = matrix([2, 1, ...(transposeA ? [k, m] : [m, k])], 1);
      const b = matrix([4, ...(transposeB ? [n, k] : [k, n])], 2);
      const [product] = runOnArena(kernel, { a, b }, { transposeA, transposeB });
      expect(product!.shape).toEqual([2, 4, m, n]);
      for (let i = 0; i < 8; i++) {
        const left = a.values.subarray(Math.floor(i / 4) * m * k);
        const right = b.values.subarray((i % 4) * k * n);
        const expected = reference(left, right, [m, k, n], transposeA, transposeB);
        await expectClose(product!.values.subarray(i * m * n, (i + 1) * m * n), expected, {
          tolerance,
        });
      }
    });
  }

  for (const [transposeA, transposeB] of TRANSPOSED) {
    it(`${nameOf(transposeA, transposeB)} of integers is exact, and touches nothing outside`, () => {
      for (const [m, k, n] of SIZES) {
        const inputs = {
          a: integers(transposeA ? [k, m] : [m, k], 1),
          b: integers(transposeB ? [n, k] : [k, n], 2),
        };
        const { a, b } = inputs;
        const expected = reference(a.values, b.values, [m, k, n], transposeA, transposeB);
        for (const last of ['a', 'b']) {
          const [product] = runOnArena(kernel, inputs, { transposeA, transposeB }, last);
          expect(product!.shape).toEqual([m, n]);
          expect([...new Int32Array(product!.values.buffer)]).toEqual(
            [...expected].map((v) => v | 0),
          );
        }
      }
    });
  }

  it('keeps NaN, and says which inner shapes differ', () => {
    const attrs = { transposeA: false, transposeB: false };
    const a = { shape: [1, 2], values: [Number.NaN, 1] };
    const [product] = runOnArena(kernel, { a, b: matrix([2, 3], 1) }, attrs);
    expect(product!.values.every(Number.isNaN)).toBe(true);
    expect(() => runOnArena(kernel, { a, b: matrix([3, 3], 1) }, attrs)).toThrow(
      'inner shapes (2) and (3) of Tensors with shapes 1,2 and 3,3',
    );
  });

  describe('of integers, on the WASM backend', () => {
    const { onStock } = onOurKernels();
    failOnLeaksAndWarnings();

    it('broadcasts, and counts what a classifier confuses, which stock refuses', () => {
      const a = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2], 'int32');
      const b = tf.tensor2d([1, 0, -1, 2], [2, 2], 'int32');
      const product = tf.matMul(a, b);
      expect(product.dtype).toBe('int32');
      expect([...product.dataSync()]).toEqual([-1, 4, -1, 8, -1, 12, -1, 16]);
      expect(() => onStock(() => tf.matMul(a, b))).toThrow('not yet supported');
      const counts = tf.tidy(() =>
        tf.math
          .confusionMatrix(
            tf.tensor1d([0, 1, 2, 1], 'int32'),
            tf.tensor1d([0, 2, 2, 1], 'int32'),
            3,
          )
          .dataSync(),
      );
      expect([...counts]).toEqual([1, 0, 0, 0, 1, 1, 0, 0, 1]);
      tf.dispose([a, b, product]);
    });
  });
});
