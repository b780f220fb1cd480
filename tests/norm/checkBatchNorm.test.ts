import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { BatchNorm, checkBatchNorm, recalibrate, withUpdates } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { disposeWeights } from '../support/saveLoad.js';

/** Ours, and tf.layers' own behind it in a nested model; data with mean 5 and deviation 2. */
function setUp() {
  const ours = new BatchNorm({ inputShape: [4], name: 'ours' });
  const inner = tfl.sequential({
    name: 'inner',
    layers: [
      tfl.layers.dense({ units: 4, inputShape: [4], kernelInitializer: 'identity' }),
      tfl.layers.batchNormalization({ name: 'stock' }),
    ],
  });
  const model = tfl.sequential({ layers: [ours, inner] });
  const x = tf.tensor2d(Float32Array.from(noise(400).map((v) => 5 + 3.4 * v)), [100, 4]);
  const tearDown = () => {
    disposeWeights(model);
    x.dispose();
  };
  return { model, ours, x, tearDown };
}

const problems = async (...args: Parameters<typeof checkBatchNorm>) =>
  (await checkBatchNorm(...args)).map(({ layer, problem }) => `${layer}: ${problem}`);

onEveryBackend(() => {
  it('finds the layers whose update ops never ran, with the remedy', async () => {
    const { model, x, tearDown } = setUp();
    withUpdates(() => {
      tf.tidy(() => {
        model.layers[0]!.apply(x, { training: true });
      });
    }).updates.dispose();
    const findings = await checkBatchNorm(model, x);
    expect(findings.map((f) => f.layer)).toEqual(['ours', 'inner/stock']);
    expect(findings[0]).toEqual({
      layer: 'ours',
      problem: 'never updated',
      message:
        'the moving mean is 0 and the moving variance 1 throughout: the update ops never ran. Run ' +
        "them (updates: 'immediate', trainStep, or updates.run()), or mend the trained model with " +
        'recalibrate(model, batches).',
    });
    tearDown();
  });

  it('finds nothing once the statistics are those of the data', async () => {
    const { model, x, tearDown } = setUp();
    await recalibrate(model, [x]);
    expect(await problems(model, x)).toEqual([]);
    tearDown();
  });

  it('finds statistics far from the batch, by mean or by deviation, only when given one', async () => {
    const { model, x, tearDown } = setUp();
    await recalibrate(model, [x]);
    const shifted = tf.add(x, 10);
    const narrow = tf.tidy(() => tf.add(tf.mul(tf.sub(x, 5), 0.1), 5));
    expect(await problems(model)).toEqual([]);
    expect(await problems(model, shifted)).toContain('ours: far from the batch');
    expect(await problems(model, narrow)).toContain('ours: far from the batch');
    const [finding] = await checkBatchNorm(model, shifted);
    expect(finding!.message).toBe(
      'in 4 of 4 channels the batch is far from the moving statistics: they lag behind the ' +
        'weights, or the batch differs from the training data. Train on, lower the momentum, or ' +
        'call recalibrate(model, batches).',
    );
    tf.dispose([shifted, narrow]);
    tearDown();
  });

  it('finds statistics that are not finite', async () => {
    const { model, ours, x, tearDown } = setUp();
    await recalibrate(model, [x]);
    const spoilt = tf.tensor2d([1, 2, Number.POSITIVE_INFINITY, 4], [1, 4]);
    tf.tidy(() => {
      ours.apply(spoilt, { training: true });
    });
    const [finding] = await checkBatchNorm(model);
    expect(finding).toMatchObject({ layer: 'ours', problem: 'not finite' });
    expect(finding!.message).toMatch(/^channel 2 has moving mean (Infinity|NaN) /);
    expect(finding!.message).toContain('Lower the learning rate');
    spoilt.dispose();
    tearDown();
  });

  it('finds NaN in a layer of tf.layers, inside a nested model, and no fault in the other', async () => {
    const { model, x, tearDown } = setUp();
    await recalibrate(model, [x]);
    const { layers: inner } = model.layers[1] as tfl.Sequential;
    const weights = inner[1]!.getWeights();
    const spoilt = tf.tensor1d([1, 2, 3, Number.NaN]);
    inner[1]!.setWeights([...weights.slice(0, 3), spoilt]);
    const findings = await checkBatchNorm(model, x);
    expect(findings).toEqual([
      { layer: 'inner/stock', problem: 'not finite', message: expect.any(String) },
    ]);
    expect(findings[0]!.message).toMatch(
      /^channel 3 has .* moving variance NaN: training diverged/,
    );
    spoilt.dispose();
    tearDown();
  });

  it('moves no average', async () => {
    const { model, x, tearDown } = setUp();
    const before = await Promise.all(model.getWeights().map((w) => w.data()));
    await checkBatchNorm(model, x);
    expect(await Promise.all(model.getWeights().map((w) => w.data()))).toEqual(before);
    tearDown();
  });
});
