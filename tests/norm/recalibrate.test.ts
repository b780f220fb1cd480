import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { BatchNorm, type RecalibrateProgress, recalibrate } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { disposeWeights, valuesOf } from '../support/saveLoad.js';

const ROWS = 24;
const DATA = noise(ROWS * 3, 4).map((v, i) => 3 * v + (i % 3));

/**
 * Three normalisations, ours and tf.layers' own, one inside a nested model. With momentum 0 one
 * training call on the whole data set leaves its statistics as the moving averages.
 */
function network(momentum: number) {
  const dense = () => tfl.layers.dense({ units: 4, kernelInitializer: 'ones', activation: 'relu' });
  const inner = tfl.sequential({
    name: 'inner',
    layers: [new BatchNorm({ inputShape: [4], momentum, axis: 1 })],
  });
  return tfl.sequential({
    layers: [
      new BatchNorm({ inputShape: [3], momentum, name: 'first', variance: 'biased' }),
      dense(),
      tfl.layers.batchNormalization({ momentum, name: 'stock' }),
      dense(),
      inner,
    ],
  });
}

function setUp() {
  const [model, reference] = [network(0.99), network(0)];
  const x = tf.tensor2d(Float32Array.from(DATA), [ROWS, 3]);
  // Kernels of ones make every unit alike: break the symmetry the same way in both.
  const weights = tf.tidy(() =>
    model.getWeights().map((w, i) => {
      const values = noise(w.size, i + 10).map((v) => v + 0.5);
      return tf.keep(tf.tensor(Float32Array.from(values), w.shape));
    }),
  );
  model.setWeights(weights);
  reference.setWeights(weights);
  tf.dispose(weights);
  tf.tidy(() => {
    reference.apply(x, { training: true });
  });
  const parts = (sizes: number[]) => tf.split(x, sizes, 0);
  const half = (i: number) => tf.slice(x, [12 * i, 0], [12, 3]);
  return {
    model,
    reference,
    parts,
    half,
    tearDown: () => {
      disposeWeights(model);
      disposeWeights(reference);
      x.dispose();
    },
  };
}

/**
 * The mean of the batches' means and that of their unbiased variances, by batch size (Ioffe and Szegedy
 * 2015, Algorithm 2, step 10).
 */
function algorithm2(batches: number[][]): [mean: number, variance: number] {
  const meanOf = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const varianceOf = (values: number[]) => {
    const mean = meanOf(values);
    return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  };
  const bySize = (of: (values: number[]) => number) =>
    meanOf(batches.flatMap((values) => values.map(() => of(values))));
  return [bySize(meanOf), bySize(varianceOf)];
}

onEveryBackend(() => {
  describe('recalibrate', () => {
    for (const sizes of [[24], [8, 8, 8], [5, 19]]) {
      it(`gives the statistics of the whole data set from batches of ${sizes}`, async () => {
        const { model, reference, parts, tearDown } = setUp();
        const batches = parts(sizes);
        await recalibrate(model, batches);
        const expected = await valuesOf(reference.getWeights());
        for (const [i, values] of (await valuesOf(model.getWeights())).entries()) {
          await expectClose(values, expected[i]!, { tolerance: 1e-5 });
        }
        tf.dispose(batches);
        tearDown();
      });
    }

    it('disposes the batches that a function makes, and goes through them for each layer', async () => {
      const { model, reference, half, tearDown } = setUp();
      let passes = 0;
      const progress: RecalibrateProgress[] = [];
      await recalibrate(
        model,
        async function* () {
          passes++;
          yield half(0);
          yield half(1);
        },
        { onProgress: (p) => progress.push(p) },
      );
      // The generator's second batch of the first pass, which looks for the order, is not made.
      expect(passes).toBe(4);
      expect(progress.map((p) => `${p.layerNumber}/${p.layerCount} ${p.layer} ${p.batch}`)).toEqual(
        [
          '1/3 first 1',
          '1/3 first 2',
          '2/3 stock 1',
          '2/3 stock 2',
          expect.stringMatching(/^3\/3 inner\/batch_norm_\d+ 1$/),
          expect.stringMatching(/^3\/3 inner\/batch_norm_\d+ 2$/),
        ],
      );
      const [, , expected] = await valuesOf(reference.layers[0]!.getWeights());
      await expectClose(model.layers[0]!.getWeights()[2]!, expected!);
      tearDown();
    });

    it("estimate 'batches' is the mean of means and of unbiased variances by size", async () => {
      const layer = new BatchNorm({ inputShape: [1] });
      const model = tfl.sequential({ layers: [layer] });
      const batches = [tf.tensor2d([1, 3], [2, 1]), tf.tensor2d([4, 6, 8], [3, 1])];
      await recalibrate(model, batches, { estimate: 'batches' });
      const [, , mean, variance] = await valuesOf(layer.getWeights());
      expect(mean![0]).toBeCloseTo((2 * 2 + 3 * 6) / 5, 5);
      expect(variance![0]).toBeCloseTo((2 * 2 + 3 * 4) / 5, 5);
      tf.dispose(batches);
      model.dispose();
    });

    it("estimate 'batches' is right layer by layer, and for tf.layers' own, as plain loops have it", async () => {
      const dense = { units: 1, useBias: false, kernelInitializer: 'ones' as const };
      const first = new BatchNorm({ inputShape: [2], epsilon: 1e-2 });
      const second = tfl.layers.batchNormalization({ epsilon: 1e-2 });
      const model = tfl.sequential({ layers: [first, tfl.layers.dense(dense), second] });
      const batches = [noise(6, 1), noise(14, 2)].map((v) => [...v].map((x) => 3 * x + 1));
      const rows = batches.map((v) => v.flatMap((x, i) => (i % 2 ? [] : [[x, v[i + 1]!]])));
      const [a, b] = [0, 1].map((i) =>
        algorithm2(rows.map((batch) => batch.map((row) => row[i]!))),
      );
      const normal = (x: number, [mean, variance]: [number, number]) =>
        (x - mean) / Math.sqrt(variance + 1e-2);
      const sums = rows.map((batch) => batch.map(([x, y]) => normal(x!, a!) + normal(y!, b!)));

      const tensors = batches.map((v) => tf.tensor2d(Float32Array.from(v), [v.length / 2, 2]));
      await recalibrate(model, tensors, { estimate: 'batches' });
      const [, , means, variances] = await valuesOf(first.getWeights());
      await expectClose([...means!, ...variances!], [a![0], b![0], a![1], b![1]]);
      const [, , mean, variance] = await valuesOf(second.getWeights());
      await expectClose([...mean!, ...variance!], algorithm2(sums), { tolerance: 1e-5 });
      tf.dispose(tensors);
      disposeWeights(model);
    });

    it('pools the calls of a layer that a model uses twice', async () => {
      const layer = new BatchNorm({ momentum: null });
      const [a, b] = [tfl.input({ shape: [1] }), tfl.input({ shape: [1] })];
      const outputs = [layer.apply(a), layer.apply(b)] as tfl.SymbolicTensor[];
      const model = tfl.model({ inputs: [a, b], outputs });
      const batch = [tf.tensor2d([1, 3], [2, 1]), tf.tensor2d([5, 7], [2, 1])];
      await recalibrate(model, [batch]);
      const [, , mean, variance, updates] = await valuesOf(layer.getWeights());
      expect([mean![0], updates![0]]).toEqual([4, 1]);
      expect(variance![0]).toBeCloseTo(20 / 3, 5);
      tf.dispose(batch);
      disposeWeights(model);
    });

    it('leaves frozen layers alone, or takes those that it is told', async () => {
      const { model, parts, tearDown } = setUp();
      const [first, , stock] = model.layers.map((layer) => () => valuesOf(layer.getWeights()));
      const batches = parts([24]);
      const before = [await first!(), await stock!()];
      await recalibrate(model, batches, { layers: (layer) => layer.name === 'nowhere' });
      expect([await first!(), await stock!()]).toEqual(before);
      model.layers[0]!.trainable = false;
      await recalibrate(model, batches);
      expect(await first!()).toEqual(before[0]);
      expect(await stock!()).not.toEqual(before[1]);
      tf.dispose(batches);
      tearDown();
    });

    it('changes nothing when the batches fail in the middle', async () => {
      const { model, half, tearDown } = setUp();
      const before = await valuesOf(model.getWeights());
      let passes = 0;
      const failing = function* () {
        yield half(0);
        if (++passes === 3) throw new Error('disk gone');
        yield half(1);
      };
      await expect(recalibrate(model, failing)).rejects.toThrow('disk gone');
      expect(await valuesOf(model.getWeights())).toEqual(before);
      tearDown();
    });

    it('changes nothing when whom it tells throws, as late as can be', async () => {
      const { model, parts, tearDown } = setUp();
      const before = await valuesOf(model.getWeights());
      const batches = parts([24]);
      const onProgress = ({ layerNumber, layerCount }: RecalibrateProgress) => {
        if (layerNumber === layerCount) throw new Error('no more');
      };
      await expect(recalibrate(model, batches, { onProgress })).rejects.toThrow('no more');
      expect(await valuesOf(model.getWeights())).toEqual(before);
      tf.dispose(batches);
      tearDown();
    });

    it('changes nothing when the model refuses a batch', async () => {
      const { model, parts, tearDown } = setUp();
      const before = await valuesOf(model.getWeights());
      const batches = [...parts([24]), tf.zeros([2, 5])];
      await expect(recalibrate(model, batches)).rejects.toThrow();
      expect(await valuesOf(model.getWeights())).toEqual(before);
      tf.dispose(batches);
      tearDown();
    });

    it('refuses no batches, batches that come only once, and an unknown estimate', async () => {
      const { model, parts, tearDown } = setUp();
      const message = 'recalibrate: batches must give at least one batch in every pass';
      await expect(recalibrate(model, [])).rejects.toThrow(message);
      const once = parts([24])[Symbol.iterator]();
      const iterable = { [Symbol.iterator]: () => once };
      await expect(recalibrate(model, () => iterable)).rejects.toThrow(message);
      await expect(recalibrate(model, [], { estimate: 'mean' as 'pooled' })).rejects.toThrow(
        "recalibrate: estimate must be one of 'pooled', 'batches', got 'mean'",
      );
      tearDown();
    });
  });
});
