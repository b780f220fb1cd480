import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  BatchNorm,
  type BatchNormArgs,
  checkBatchNorm,
  recalibrate,
  trainStep,
  UpdateOps,
  withUpdates,
} from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { nameOf, saveAndLoad, valuesOf } from '../support/saveLoad.js';
import { batchNormReference } from './reference.js';

const [ROWS, C] = [8, 2];
const X = noise(ROWS * C, 5).map((v, i) => 3 * v + (i % C));
const batchOf = (values: ArrayLike<number> = X) =>
  tf.tensor2d(Float32Array.from(values), [values.length / C, C]);

function layerOf(args: BatchNormArgs = {}): BatchNorm {
  const layer = new BatchNorm({ renorm: true, variance: 'biased', name: 'bn', ...args });
  tf.tidy(() => {
    layer.apply(tf.zeros([1, C]));
  });
  return layer;
}

const averagesOf = async (layer: BatchNorm) =>
  Object.fromEntries(
    await Promise.all(
      layer.nonTrainableWeights.map(async (w) => [nameOf(w), Array.from(await w.read().data())]),
    ),
  ) as Record<string, number[]>;

const infer = (layer: BatchNorm) => tf.tidy(() => layer.apply(batchOf()) as tf.Tensor);

const train = (layer: BatchNorm, values?: ArrayLike<number>, more: object = {}) =>
  tf.tidy(() => layer.apply(batchOf(values), { training: true, ...more }) as tf.Tensor);

describe('options of renorm', () => {
  const clipping = 'BatchNorm: renormClipping';
  const bad: [object, string][] = [
    [{ renorm: 1 }, 'BatchNorm: renorm must be true or false, got 1'],
    [{ renorm: true, renormMomentum: 1 }, 'BatchNorm: renormMomentum must be in [0, 1), got 1'],
    [
      { renorm: true, renormClipping: { max: 3 } },
      `${clipping} must be an object of rmin, rmax and dmax, each of which may be left out, got {"max":3}`,
    ],
    [{ renorm: true, renormClipping: 3 }, `${clipping} must be an object of rmin, `],
    [{ renorm: true, renormClipping: { rmin: 2 } }, `${clipping}.rmin must be in [0, 1], got 2`],
    [
      { renorm: true, renormClipping: { rmax: 0.5 } },
      `${clipping}.rmax must be at least 1, got 0.5`,
    ],
    [{ renorm: true, renormClipping: { dmax: -1 } }, `${clipping}.dmax must be at least 0, got -1`],
    [
      { renormClipping: { dmax: 1 } },
      `${clipping} must be left out without renorm, got {"dmax":1}`,
    ],
    [
      { renorm: true, zeroDebias: true },
      'BatchNorm: zeroDebias must be false with renorm, whose deviations it would leave biased, got true',
    ],
  ];
  for (const [args, message] of bad) {
    it(`${JSON.stringify(args)} is refused`, () => {
      expect(() => new BatchNorm(args as BatchNormArgs)).toThrow(message);
    });
  }
});

onEveryBackend(() => {
  it('renorm makes of a row the same in every batch, as inference will', async () => {
    const layer = layerOf({ momentum: 0.5, renormMomentum: 0.5 });
    for (let i = 0; i < 30; i++) train(layer).dispose();
    const { result, updates } = withUpdates(() => [train(layer), train(layer, X.slice(0, 6))]);
    updates.dispose();
    const [whole, part, inference] = [...result, infer(layer)] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const values = await whole.data();
    await expectClose(part, values.slice(0, 6), { tolerance: 1e-4 });
    await expectClose(inference, values, { tolerance: 1e-4 });
    tf.dispose([whole, part, inference]);
    layer.dispose();
  });

  it('renorm with the tightest clipping is plain batch normalisation, until it is widened', async () => {
    const layer = layerOf({ renormClipping: { rmin: 1, rmax: 1, dmax: 0 } });
    const plain = batchNormReference(X, { channels: C }).y;
    const y = train(layer);
    await expectClose(y, plain);
    layer.renormClipping = { rmax: 3 };
    const wide = train(layer);
    const values = await wide.data();
    expect(Math.max(...values.map((v, i) => Math.abs(v - plain[i]!)))).toBeGreaterThan(0.1);
    expect(layer.getConfig().renormClipping).toEqual({ rmax: 3 });
    expect(() => {
      layer.renormClipping = { rmax: 0 };
    }).toThrow("BatchNorm 'bn': renormClipping.rmax must be at least 1, got 0");
    tf.dispose([y, wide]);
    layer.dispose();
  });

  it('several calls make one update of the averages of renorm, by their batches together', async () => {
    const [halves, whole] = [layerOf({ updates: 'deferred' }), layerOf({ updates: 'deferred' })];
    const before = await averagesOf(whole);
    for (const half of [X.slice(0, ROWS), X.slice(ROWS)]) train(halves, half).dispose();
    train(whole).dispose();
    expect(await averagesOf(whole)).toEqual(before);
    UpdateOps.pending.run();
    const [a, b] = [await averagesOf(halves), await averagesOf(whole)];
    expect(Object.keys(a)).toEqual([
      'moving_mean',
      'moving_variance',
      'moving_stddev',
      'renorm_mean',
      'renorm_stddev',
    ]);
    for (const name of Object.keys(a)) await expectClose(a[name]!, b[name]!);
    expect(b.renorm_stddev).not.toEqual(before.renorm_stddev);
    const { updates, result } = withUpdates(() => train(whole));
    updates.dispose();
    result.dispose();
    expect(await averagesOf(whole)).toEqual(b);
    halves.dispose();
    whole.dispose();
  });

  it('the unbiased variance is for the moving deviation alone', async () => {
    const layer = layerOf({ variance: 'unbiased', momentum: 0, renormMomentum: 0 });
    train(layer).dispose();
    const { variance } = batchNormReference(X, { channels: C });
    const unbiased = variance.map((v) => (v * ROWS) / (ROWS - 1));
    const averages = await averagesOf(layer);
    await expectClose(averages.moving_variance!, unbiased);
    await expectClose(
      averages.moving_stddev!,
      unbiased.map((v) => Math.sqrt(v + 1e-3)),
    );
    await expectClose(
      averages.renorm_stddev!,
      variance.map((v) => Math.sqrt(v + 1e-3)),
    );
    layer.dispose();
  });

  it('the cumulative average is for the moving averages alone', async () => {
    const layer = layerOf({ momentum: null, renormMomentum: 0.75 });
    for (const half of [X.slice(0, ROWS), X.slice(ROWS)]) train(layer, half).dispose();
    const means = [X.slice(0, ROWS), X.slice(ROWS)].map(
      (half) => batchNormReference(half, { channels: C }).mean,
    ) as [Float64Array, Float64Array];
    const averages = await averagesOf(layer);
    await expectClose(
      averages.moving_mean!,
      means[0].map((m, i) => (m + means[1][i]!) / 2),
    );
    await expectClose(
      averages.renorm_mean!,
      means[0].map((m, i) => 0.75 * (0.25 * m) + 0.25 * means[1][i]!),
    );
    expect(averages.updates).toEqual([2]);
    layer.dispose();
  });

  it('a batch of no weight moves no average and stays finite', async () => {
    const layer = layerOf();
    const before = await averagesOf(layer);
    const weights = tf.zeros([ROWS]);
    const y = train(layer, X, { weights });
    expect((await y.data()).every(Number.isFinite)).toBe(true);
    expect(await averagesOf(layer)).toEqual(before);
    tf.dispose([weights, y]);
    layer.dispose();
  });

  it('a frozen layer with renorm is in inference', async () => {
    const layer = layerOf({ frozen: true });
    const before = await averagesOf(layer);
    const [y, inference] = [train(layer), infer(layer)];
    await expectClose(y, await inference.data(), { tolerance: 0 });
    expect(await averagesOf(layer)).toEqual(before);
    tf.dispose([y, inference]);
    layer.dispose();
  });

  describe('a model with renorm', () => {
    const modelOf = () => {
      const layer = new BatchNorm({
        inputShape: [C],
        renorm: true,
        renormClipping: { rmax: 3, dmax: 5 },
        renormMomentum: 0.9,
      });
      return { layer, model: tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 1 })] }) };
    };

    it('saves and loads with every option and weight', async () => {
      const { layer, model } = modelOf();
      train(layer).dispose();
      const loaded = await saveAndLoad(model);
      expect(loaded.layers[0]!.getConfig()).toEqual(layer.getConfig());
      expect(loaded.layers[0]!.getConfig()).toMatchObject({ renormClipping: { rmax: 3, dmax: 5 } });
      expect(await valuesOf(loaded.getWeights())).toEqual(await valuesOf(model.getWeights()));
      model.dispose();
      loaded.dispose();
    });

    it('moves no average in a step whose loss is not finite', async () => {
      const { layer, model } = modelOf();
      const before = await averagesOf(layer);
      const optimizer = tf.train.sgd(0.1);
      const step = trainStep(optimizer, () =>
        tf.tidy(() => {
          const y = model.apply(batchOf(), { training: true }) as tf.Tensor;
          return tf.mul(tf.sum(y), Number.NaN) as tf.Scalar;
        }),
      );
      await expect(step).rejects.toThrow();
      expect(await averagesOf(layer)).toEqual(before);
      optimizer.dispose();
      model.dispose();
    });

    it('is checked and recalibrated like any other, its averages for training too', async () => {
      const { layer, model } = modelOf();
      const x = batchOf();
      expect((await checkBatchNorm(model))[0]!.problem).toBe('never updated');
      await recalibrate(model, [x]);
      const { mean, variance } = batchNormReference(X, { channels: C });
      const unbiased = variance.map((v) => (v * ROWS) / (ROWS - 1));
      const deviation = unbiased.map((v) => Math.sqrt(v + 1e-3));
      const expected = {
        moving_mean: mean,
        moving_variance: unbiased,
        moving_stddev: deviation,
        renorm_mean: mean,
        renorm_stddev: deviation,
      };
      const averages = await averagesOf(layer);
      for (const [name, values] of Object.entries(expected)) {
        await expectClose(averages[name]!, values);
      }
      expect(await checkBatchNorm(model, x)).toEqual([]);
      x.dispose();
      model.dispose();
    });
  });
});
