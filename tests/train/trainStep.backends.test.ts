import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { BatchNorm, type BatchNormArgs, trainStep } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { valuesOf } from '../support/saveLoad.js';

const X = [0.5, -1, 2, 1, -0.5, 3, 0, 1.5];

/** A model of one BatchNorm and one dense layer, an optimizer, and a batch [4, 2]. */
function setUp(args: BatchNormArgs = {}) {
  const model = tfl.sequential({
    layers: [
      new BatchNorm({ inputShape: [2], momentum: 0.5, ...args }),
      tfl.layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  const optimizer = tf.train.sgd(0.1);
  const x = tf.tensor2d(X, [4, 2]);
  return {
    model,
    optimizer,
    loss: () =>
      tf.tidy(() =>
        tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)),
      ) as tf.Scalar,
    variables: model.trainableWeights.map((w) => w.read() as tf.Variable),
    tearDown: () => {
      x.dispose();
      optimizer.dispose();
      model.dispose();
    },
  };
}

onEveryBackend(() => {
  for (const updates of ['immediate', 'deferred'] as const) {
    it(`steps the weights and then runs the ${updates} updates, once`, async () => {
      const { model, optimizer, loss, variables, tearDown } = setUp({ updates });
      const value = await trainStep(optimizer, loss, { variables });
      const [gamma, beta, kernel, bias, mean, variance] = await valuesOf(model.getWeights());
      // Both normalised columns have mean 0, so the loss is their mean squared sum.
      expect(value).toBeGreaterThan(0);
      expect(gamma!.every((g) => g < 1)).toBe(true);
      expect(kernel!.every((k) => k < 1)).toBe(true);
      await expectClose([...beta!, ...bias!], [0, 0, 0]);
      await expectClose(mean!, [0.25, 0.5625]);
      const unbiased = [0.5, 2, -0.5, 0].map((v) => (v - 0.5) ** 2).reduce((a, b) => a + b) / 3;
      expect(variance![0]).toBeCloseTo(0.5 + unbiased / 2, 5);
      tearDown();
    });
  }

  it('falls in loss over ten steps', async () => {
    const { optimizer, loss, variables, tearDown } = setUp();
    const first = await trainStep(optimizer, loss, { variables });
    let last = first;
    for (let i = 0; i < 9; i++) last = await trainStep(optimizer, loss, { variables });
    expect(last).toBeLessThan(first / 2);
    tearDown();
  });

  const failures: [string, (loss: () => tf.Scalar) => () => tf.Scalar, RegExp][] = [
    [
      'the loss throws',
      (loss) => () => {
        loss();
        throw new Error('my own');
      },
      /^my own$/,
    ],
    [
      'the loss is NaN',
      (loss) => () => tf.tidy(() => tf.mul(loss(), Number.NaN)),
      /^trainStep: the loss is NaN; weights and moving averages were left as they were$/,
    ],
    [
      'a gradient is not finite',
      // The slope of √v at 0 is infinite, the value is not.
      (loss) => () => tf.tidy(() => tf.add(loss(), tf.sqrt(tf.mul(loss(), 0)))),
      /^trainStep: the gradient of .*kernel.* is not finite; weights and moving averages were left/,
    ],
    [
      'the gradient throws',
      (loss) => () =>
        tf.tidy(() => {
          const broken = tf.customGrad((x) => ({
            value: tf.clone(x as tf.Tensor),
            gradFunc: () => {
              throw new Error('no gradient');
            },
          }));
          return broken(loss()) as tf.Scalar;
        }),
      /^no gradient$/,
    ],
  ];
  for (const [what, spoil, message] of failures) {
    it(`moves neither weights nor averages when ${what}`, async () => {
      const { model, optimizer, loss, variables, tearDown } = setUp();
      const before = await valuesOf(model.getWeights());
      await expect(trainStep(optimizer, spoil(loss), { variables })).rejects.toThrow(message);
      expect(await valuesOf(model.getWeights())).toEqual(before);
      await trainStep(optimizer, loss, { variables });
      expect(await valuesOf(model.getWeights())).not.toEqual(before);
      tearDown();
    });
  }

  it('accepts finite gradients whose sum overflows', async () => {
    const start = tf.zeros([2]);
    const v = tf.variable(start);
    const optimizer = tf.train.sgd(2e-38);
    const loss = () => tf.tidy(() => tf.sum(tf.mul(v, 3e38))) as tf.Scalar;
    expect(await trainStep(optimizer, loss, { variables: [v] })).toBe(0);
    await expectClose(v, [-6, -6]);
    tf.dispose([start, v]);
    optimizer.dispose();
  });
});
