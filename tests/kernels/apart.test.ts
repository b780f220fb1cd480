import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { fused } from './reference/activations.js';
import { batchMatMul, tolerance } from './reference/batchMatMul.js';
import { conv2D } from './reference/conv2D.js';
import { depthwiseConv2dNative } from './reference/depthwiseConv2dNative.js';
import { convCase } from './support/convCases.js';
import { depthwiseCase } from './support/depthwise.js';
import { indicesOf, placeOf, sizeOf } from './support/moves.js';
import { onOurKernels } from './support/registered.js';

const CHANNELS = 6;
const conv = convCase([2, 5, 4, 3], CHANNELS, [3, 2], [1, 1], 'same');
const depthwise = depthwiseCase([2, 5, 4, 3], 2, [3, 3], [1, 1], 'same');
const tensorOf = (shape: number[], values: ArrayLike<number>) =>
  tf.tensor<tf.Rank>(Float32Array.from(values), shape as [number]);

interface Rest {
  bias: tf.Tensor;
  activation: 'relu';
  leakyreluAlpha: number;
}

/** A fused operation on noise: its shapes, its sums by float64 loops, and itself. */
interface Operation {
  inputs: [number[], number[]];
  output: number[];
  sums(x: Float64Array, w: Float64Array): Float64Array;
  run(x: tf.Tensor, w: tf.Tensor, rest: Rest): tf.Tensor;
}

const OPERATIONS: Record<string, Operation> = {
  FusedConv2D: {
    inputs: [
      [2, 5, 4, 3],
      [3, 2, 3, CHANNELS],
    ],
    output: [2, 5, 4, CHANNELS],
    sums: (x, w) => conv2D(x, w, conv),
    run: (x, w, rest) =>
      tf.fused.conv2d({
        ...{ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: 'same', ...rest },
      }),
  },
  FusedDepthwiseConv2D: {
    inputs: [depthwise.x, depthwise.filter],
    output: [2, 5, 4, CHANNELS],
    sums: (x, w) => depthwiseConv2dNative(x, w, depthwise),
    run: (x, w, rest) =>
      tf.fused.depthwiseConv2d({
        ...{ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: 'same', ...rest },
      }),
  },
  _FusedMatMul: {
    inputs: [
      [5, 4],
      [4, CHANNELS],
    ],
    output: [5, CHANNELS],
    sums: (x, w) => batchMatMul(x, w, [5, 4, CHANNELS], false, false),
    run: (a, b, rest) => tf.fused.matMul({ a, b, ...rest }),
  },
};

describe('a bias that is not one number a channel', () => {
  const { onStock } = onOurKernels();
  failOnLeaksAndWarnings();

  for (const [name, { inputs, output, sums, run }] of Object.entries(OPERATIONS)) {
    const shapes = [[], [1], [1, CHANNELS], [...output.slice(0, -1), 1], output];
    for (const activation of Object.keys(fused) as (keyof typeof fused)[]) {
      it(`is added by ${name} with ${activation}, and nothing stays`, async () => {
        const values = inputs.map((shape, i) => noise(sizeOf(shape), i + 1));
        const plain = sums(values[0]!, values[1]!);
        const tensors = inputs.map((shape, i) => tensorOf(shape, values[i]!));
        for (const shape of shapes) {
          const numbers = noise(sizeOf(shape), 3);
          const bias = tensorOf(shape, numbers);
          const before = tf.backend().numDataIds();
          const rest = { bias, activation: activation as 'relu', leakyreluAlpha: 0.2 };
          const y = run(tensors[0]!, tensors[1]!, rest);
          expect(tf.backend().numDataIds()).toBe(before + 1);
          const expected = plain.map((sum, i) => {
            const at = indicesOf(i, output).slice(output.length - shape.length);
            const from = at.map((index, axis) => (shape[axis] === 1 ? 0 : index));
            return fused[activation](sum + numbers[placeOf(from, shape)]!);
          });
          await expectClose(y, expected, { tolerance: 10 * tolerance });
          tf.dispose([bias, y]);
        }
        tf.dispose(tensors);
      });
    }

    it(`is refused by stock's ${name}`, () => {
      const refused = () =>
        tf.tidy(() => {
          const [x, w] = inputs.map((shape) => tf.ones<tf.Rank>(shape as [number]));
          return run(x!, w!, { bias: tf.scalar(1), activation: 'relu', leakyreluAlpha: 0.2 });
        });
      expect(() => onStock(refused)).toThrow('only supports rank-1 bias');
    });
  }
});
