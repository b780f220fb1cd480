import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { depthwiseConv2dNative as kernel } from '../../src/kernels/convolution/depthwiseConv2dNative.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import {
  depthwiseConv2dNative as reference,
  tolerance,
} from './reference/depthwiseConv2dNative.js';
import { runOnArena } from './support/arena.js';
import { depthwiseCases, forwardCases, noisy } from './support/depthwise.js';
import { NOT_FINITE } from './support/notFinite.js';
import { onOurKernels } from './support/registered.js';

describe('DepthwiseConv2dNative', () => {
  const { onStock } = onOurKernels();
  failOnLeaksAndWarnings();

  it('reads and writes nothing outside of its tensors', async () => {
    for (const c of [...depthwiseCases(), ...forwardCases()]) {
      const inputs = { x: noisy(c.x, 1), filter: noisy(c.filter, 2) };
      const expected = reference(inputs.x.values, inputs.filter.values, c);
      for (const last of ['x', 'filter']) {
        const [y] = runOnArena(kernel, inputs, c.attrs, last);
        expect(y!.shape, c.title).toEqual(c.y);
        await expectClose(y!.values, expected, { tolerance });
      }
    }
  });

  for (const [what, place, value] of NOT_FINITE.filter(([, place]) => place !== 'bias')) {
    it(`agrees with float64 loops, with ${what}`, async () => {
      for (const c of [...depthwiseCases(), ...forwardCases()]) {
        const [x, filter] = [noisy(c.x, 1), noisy(c.filter, 2)];
        if (value !== 0) (place === 'x' ? x : filter).values.set([value], 0);
        if (value !== 0 && place === 'x') x.values.set([value], x.values.length - 1);
        const inputs = {
          x: tf.tensor4d([...x.values], c.x),
          filter: tf.tensor4d([...filter.values], c.filter),
        };
        const attrs = { ...c.attrs, dataFormat: 'NHWC' } as unknown as tf.NamedAttrMap;
        const y = tf.engine().runKernel(tf.DepthwiseConv2dNative, inputs, attrs) as tf.Tensor;
        const expected = reference(x.values, filter.values, c);
        await expectClose(y, expected, { tolerance, shape: c.y });
        tf.dispose([y, inputs]);
      }
    });
  }

  it('keeps NaN with dilation, and leaves an empty batch empty', () => {
    const [y, empty] = tf.tidy(() => {
      const x = tf.tensor4d([1, Number.NaN, 2, 3], [1, 2, 2, 1]);
      const filter: tf.Tensor4D = tf.ones([2, 2, 1, 1]);
      const none: tf.Tensor4D = tf.zeros([0, 2, 2, 1]);
      return [
        [...tf.depthwiseConv2d(x, filter, 1, 'same', 'NHWC', 2).dataSync()],
        tf.depthwiseConv2d(none, filter, 1, 'same').shape,
      ] as never;
    }) as unknown as [number[], number[]];
    expect(y).toEqual([3, 2, Number.NaN, 1]);
    expect(empty).toEqual([0, 2, 2, 1]);
  });

  it('turns NaN into −∞ on stock', () => {
    const y = onStock(() =>
      tf.tidy(() => {
        const x = tf.tensor4d([1, Number.NaN, 2, 3], [1, 2, 2, 1]);
        return tf.depthwiseConv2d(x, tf.ones([1, 1, 1, 1]) as tf.Tensor4D, 1, 'same').dataSync();
      }),
    );
    expect([...y]).toEqual([1, Number.NEGATIVE_INFINITY, 2, 3]);
  });
});
