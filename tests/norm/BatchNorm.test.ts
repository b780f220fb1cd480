import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { BatchNorm, type BatchNormArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { nameOf, saveAndLoad, valuesOf } from '../support/saveLoad.js';

describe('options', () => {
  const bad: [object, string][] = [
    [{ axis: 0.5 }, 'BatchNorm: axis must be an integer, got 0.5'],
    [{ momentum: 1 }, 'BatchNorm: momentum must be null or in [0, 1), got 1'],
    [{ momentum: '0.9' }, "BatchNorm: momentum must be null or in [0, 1), got '0.9'"],
    [{ epsilon: 0 }, 'BatchNorm: epsilon must be a positive number, got 0'],
    [{ center: 1 }, 'BatchNorm: center must be true or false, got 1'],
    [{ scale: 'no' }, "BatchNorm: scale must be true or false, got 'no'"],
    [{ training: 'yes' }, "BatchNorm: training must be true or false, got 'yes'"],
    [{ frozen: 0 }, 'BatchNorm: frozen must be true or false, got 0'],
    [
      { variance: 'sample' },
      "BatchNorm: variance must be one of 'unbiased', 'biased', got 'sample'",
    ],
    [{ updates: 'late' }, "BatchNorm: updates must be one of 'immediate', 'deferred', got 'late'"],
    [{ activation: 'cube' }, "BatchNorm: activation must be one of 'elu', "],
    [
      { momentum: null, zeroDebias: true },
      'BatchNorm: zeroDebias must be false when momentum is null, which needs no correction, got true',
    ],
    [{ zeroDebias: 1 }, 'BatchNorm: zeroDebias must be true or false, got 1'],
    ...[
      ...['betaInitializer', 'gammaInitializer', 'movingMeanInitializer'],
      ...['movingVarianceInitializer', 'betaRegularizer', 'gammaRegularizer'],
      ...['betaConstraint', 'gammaConstraint'],
    ].map((option): [object, string] => [
      { [option]: 'none' },
      `BatchNorm: ${option} must be one of `,
    ]),
  ];
  for (const [args, message] of bad) {
    it(`${JSON.stringify(args)} is refused`, () => {
      expect(() => new BatchNorm(args as BatchNormArgs)).toThrow(message);
    });
  }
});

describe('getConfig', () => {
  it('gives the options that make an equal layer', () => {
    const layer = new BatchNorm({ gammaConstraint: 'maxNorm', betaConstraint: 'nonNeg' });
    const config = layer.getConfig();
    expect(config.gammaConstraint).toEqual({
      className: 'MaxNorm',
      config: { maxValue: 2, axis: 0 },
    });
    expect(new BatchNorm(config as BatchNormArgs).getConfig()).toEqual(config);
  });
});

onEveryBackend(() => {
  describe('inputs', () => {
    const refused: [BatchNormArgs, number[], string][] = [
      [{}, [3], "the input's rank must be 2 to 5, got shape [3]"],
      [{ axis: 4 }, [2, 3], 'axis must be an axis of a shape of rank 2, got 4'],
      [{ axis: -3 }, [2, 3], 'axis must be an axis of a shape of rank 2, got -3'],
    ];
    for (const [args, shape, message] of refused) {
      it(`of shape [${shape}] with ${JSON.stringify(args)} are refused`, () => {
        const layer = new BatchNorm({ ...args, name: 'bn' });
        const x = tf.zeros(shape);
        expect(() => layer.apply(x)).toThrow(`BatchNorm 'bn': ${message}`);
        x.dispose();
      });
    }

    it('with channels of unknown number are refused', () => {
      const input = tfl.input({ shape: [null, null] as unknown as number[] });
      expect(() => new BatchNorm({ name: 'bn' }).apply(input)).toThrow(
        "BatchNorm 'bn': axis 2 must have a known size, got [null, null, null]",
      );
    });

    it('that are disposed, or several, are refused', () => {
      const layer = new BatchNorm({ name: 'bn' });
      const x = tf.zeros([2, 3]);
      expect(() => layer.call([x, x], {})).toThrow("BatchNorm 'bn': takes one input, got 2");
      x.dispose();
      expect(() => layer.call(x, {})).toThrow('the input tensor of shape [2, 3] is disposed');
    });

    it('of integers are taken as floats', () => {
      const layer = new BatchNorm();
      const x = tf.tensor2d([[1], [3]], [2, 1], 'int32');
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      expect(y.dtype).toBe('float32');
      tf.dispose([x, y]);
      layer.dispose();
    });
  });

  describe('as a layer', () => {
    it('has the weights of Keras in their order', () => {
      const layer = new BatchNorm({ inputShape: [2], name: 'bn' });
      const model = tfl.sequential({ layers: [layer] });
      const names = layer.weights.map(nameOf);
      expect(names).toEqual(['gamma', 'beta', 'moving_mean', 'moving_variance']);
      expect(model.countParams()).toBe(8);
      model.dispose();
    });

    it('takes the weights of a stock batchNormalization', async () => {
      const ours = tfl.sequential({ layers: [new BatchNorm({ inputShape: [2] })] });
      const stock = tfl.sequential({
        layers: [tfl.layers.batchNormalization({ inputShape: [2] })],
      });
      ours.setWeights(stock.getWeights());
      expect(await valuesOf(ours.getWeights())).toEqual(await valuesOf(stock.getWeights()));
      ours.dispose();
      stock.dispose();
    });

    it('learns the statistics in model.fit and uses them in predict', async () => {
      const layer = new BatchNorm({ inputShape: [1], momentum: 0.5 });
      const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 1 })] });
      model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
      const x = tf.tensor2d([8, 12, 8, 12], [4, 1]);
      await model.fit(x, x, { epochs: 30, batchSize: 4, verbose: 0 });
      const [, , mean, variance] = await valuesOf(layer.getWeights());
      expect(mean![0]).toBeCloseTo(10, 4);
      expect(variance![0]).toBeCloseTo(16 / 3, 4);
      x.dispose();
      model.optimizer.dispose();
      model.dispose();
    });

    it('adds its regularisation losses', async () => {
      const layer = new BatchNorm({
        inputShape: [1],
        gammaInitializer: tfl.initializers.constant({ value: 3 }),
        gammaRegularizer: tfl.regularizers.l2({ l2: 0.5 }),
      });
      const model = tfl.sequential({ layers: [layer] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const x = tf.tensor2d([[0], [2]]);
      const target = tf.zeros([2, 1]);
      const history = await model.fit(x, target, { epochs: 1, verbose: 0 });
      // y = ±3 up to ε, so the mean square is 9 and the penalty 0.5·3².
      expect(history.history.loss![0]).toBeCloseTo(9 + 4.5, 1);
      model.dispose();
      tf.dispose([x, target]);
    });

    it('saves and loads with every option and weight', async () => {
      const args: BatchNormArgs = {
        axis: 1,
        momentum: null,
        epsilon: 1e-4,
        center: false,
        activation: 'relu6',
        variance: 'biased',
        updates: 'deferred',
        training: false,
        frozen: true,
        gammaInitializer: 'heNormal',
        gammaRegularizer: 'l2',
      };
      const layer = new BatchNorm({ ...args, gammaInitializer: 'ones', inputShape: [3, 4] });
      const stock = tfl.layers.batchNormalization({ name: 'batch_norm' });
      const model = tfl.sequential({ layers: [layer, stock] });
      const loaded = await saveAndLoad(model);
      expect(loaded.layers[0]).toBeInstanceOf(BatchNorm);
      expect(loaded.layers[1]).not.toBeInstanceOf(BatchNorm);
      expect(loaded.layers[0]!.getConfig()).toEqual(layer.getConfig());
      expect(await valuesOf(loaded.getWeights())).toEqual(await valuesOf(model.getWeights()));
      model.dispose();
      loaded.dispose();
    });
  });
});
