import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import {
  ACTIVATIONS,
  fusedDepthwiseConv2D as reference,
  SLOPE,
  tolerance,
} from './reference/fusedDepthwiseConv2D.js';
import { depthwiseCase, noisy } from './support/depthwise.js';
import { NOT_FINITE } from './support/notFinite.js';
import { onOurKernels } from './support/registered.js';

const activations = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

describe('FusedDepthwiseConv2D', () => {
  const { onStock } = onOurKernels();
  failOnLeaksAndWarnings();

  const run = (x: tf.Tensor4D, filter: tf.Tensor4D, activation: string, more: object) =>
    tf.fused.depthwiseConv2d({
      ...{ x, filter, strides: 1, pad: 'same', dataFormat: 'NHWC' },
      ...{ activation: activation as 'relu', ...more },
    });

  for (const [what, place, value] of NOT_FINITE) {
    it(`agrees with float64 loops, with ${what}`, async () => {
      for (const channels of [1, 4, 5]) {
        const c = depthwiseCase([2, 5, 4, channels], 1, [3, 3], [1, 1], 'same');
        const tensors = {
          x: noisy(c.x, 1),
          filter: noisy(c.filter, 2),
          bias: noisy([channels], 3),
        };
        const { values } = tensors[place];
        if (value !== 0) values.set([value], values.length - 1);
        const { x, filter, bias } = tensors;
        for (const activation of activations) {
          const y = tf.tidy(() =>
            run(
              tf.tensor4d([...x.values], c.x),
              tf.tensor4d([...filter.values], c.filter),
              activation,
              {
                bias: tf.tensor1d([...bias.values]),
                leakyreluAlpha: SLOPE,
                preluActivationWeights: tf.fill([channels], SLOPE),
              },
            ),
          );
          const expected = reference(x.values, filter.values, bias.values, activation, c);
          await expectClose(y, expected, { tolerance });
          y.dispose();
        }
      }
    });
  }

  it('turns NaN into 0 on stock', () => {
    const y = onStock(() =>
      tf.tidy(() => {
        const x = tf.tensor4d([1, Number.NaN, 2, 3], [1, 2, 2, 1]);
        return run(x, tf.ones([1, 1, 1, 1]), 'relu', {}).dataSync();
      }),
    );
    expect([...y]).toEqual([1, 0, 2, 3]);
  });
});
