import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it, vi } from 'vitest';
import {
  BatchNorm,
  type BatchNormArgs,
  trainStep,
  UpdateOps,
  withUpdates,
} from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { nameOf, valuesOf } from '../support/saveLoad.js';
import { batchNormReference } from './reference.js';

const C = 2;
const batches = [noise(20, 1), noise(20, 2), noise(40, 3)].map((x) => x.map((v, i) => v + (i % C)));

function train(layer: BatchNorm, x: ArrayLike<number>, call: object = {}): void {
  tf.tidy(() => {
    const rows = tf.tensor2d(Float32Array.from(x), [x.length / C, C]);
    layer.apply(rows, { training: true, ...call });
  });
}

function infer(layer: BatchNorm, x: ArrayLike<number> = batches[0]!): void {
  train(layer, x, { training: false });
}

/** Moving mean and variance after the given batches, in float64. */
function averaged(data: ArrayLike<number>[], rate: (t: number) => number, meanRate = rate) {
  const mean = new Float64Array(C);
  const variance = new Float64Array(C).fill(1);
  for (const [t, x] of data.entries()) {
    const batch = batchNormReference(x, { channels: C });
    const m = x.length / C;
    for (let k = 0; k < C; k++) {
      mean[k]! += (batch.mean[k]! - mean[k]!) * meanRate(t);
      variance[k]! += ((batch.variance[k]! * m) / (m - 1) - variance[k]!) * rate(t);
    }
  }
  return { mean, variance };
}

async function expectAverages(
  layer: BatchNorm,
  { mean, variance }: { mean: ArrayLike<number>; variance: ArrayLike<number> },
): Promise<void> {
  const weights = Object.fromEntries(layer.weights.map((w) => [nameOf(w), w.read()]));
  await expectClose(weights.moving_mean!, mean, { tolerance: 1e-6 });
  await expectClose(weights.moving_variance!, variance, { tolerance: 1e-6 });
}

const UNTOUCHED = averaged([], () => 0);

function using(args: BatchNormArgs, test: (layer: BatchNorm) => Promise<void>) {
  return async () => {
    const layer = new BatchNorm(args);
    infer(layer);
    await test(layer);
    layer.dispose();
  };
}

onEveryBackend(() => {
  describe('momentum', () => {
    it(
      'averages exponentially with momentum m',
      using({ momentum: 0.8 }, async (layer) => {
        for (const x of batches) train(layer, x);
        await expectAverages(
          layer,
          averaged(batches, () => 0.2),
        );
      }),
    );

    it(
      'null averages over all updates alike',
      using({ momentum: null }, async (layer) => {
        for (const x of batches) train(layer, x);
        await expectAverages(
          layer,
          averaged(batches, (t) => 1 / (t + 1)),
        );
      }),
    );

    it(
      'zeroDebias forgets the initial mean at the first update',
      using({ momentum: 0.8, zeroDebias: true }, async (layer) => {
        const debiased = (t: number) => 0.2 / (1 - 0.8 ** (t + 1));
        for (const x of batches) train(layer, x);
        await expectAverages(
          layer,
          averaged(batches, () => 0.2, debiased),
        );
      }),
    );

    it('the count of updates is a weight, so that a loaded layer goes on where it was', async () => {
      const [first, second] = [
        new BatchNorm({ momentum: null }),
        new BatchNorm({ momentum: null }),
      ];
      infer(first);
      infer(second);
      train(first, batches[0]!);
      train(first, batches[1]!);
      second.setWeights(first.getWeights());
      train(second, batches[2]!);
      await expectAverages(
        second,
        averaged(batches, (t) => 1 / (t + 1)),
      );
      first.dispose();
      second.dispose();
    });
  });

  describe('withUpdates', () => {
    it(
      'holds the ops back until run, and runs them once',
      using({}, async (layer) => {
        const { updates } = withUpdates(() => train(layer, batches[0]!));
        await expectAverages(layer, UNTOUCHED);
        expect(updates.size).toBe(1);
        updates.run();
        updates.run();
        expect(updates.size).toBe(0);
        await expectAverages(
          layer,
          averaged([batches[0]!], () => 0.01),
        );
      }),
    );

    it(
      'drops the ops on dispose',
      using({}, async (layer) => {
        withUpdates(() => train(layer, batches[0]!)).updates.dispose();
        await expectAverages(layer, UNTOUCHED);
      }),
    );

    it(
      'updates by two small batches exactly as by the large one',
      using({ momentum: 0.5 }, async (layer) => {
        const { updates } = withUpdates(() => {
          train(layer, batches[0]!);
          train(layer, batches[2]!);
        });
        updates.run();
        const together = [...batches[0]!, ...batches[2]!];
        await expectAverages(
          layer,
          averaged([together], () => 0.5),
        );
      }),
    );

    it(
      'collects in the innermost collection',
      using({}, async (layer) => {
        const outer = withUpdates(() => {
          const inner = withUpdates(() => train(layer, batches[0]!));
          inner.updates.dispose();
        });
        expect(outer.updates.size).toBe(0);
      }),
    );

    it(
      'drops the ops and hands the error on when fn throws',
      using({}, async (layer) => {
        const failing = () => {
          train(layer, batches[0]!);
          throw new Error('my own');
        };
        expect(() => withUpdates(failing)).toThrow('my own');
        train(layer, batches[1]!);
        await expectAverages(
          layer,
          averaged([batches[1]!], () => 0.01),
        );
      }),
    );

    it('refuses a function that returns a promise', () => {
      expect(() => withUpdates(async () => {})).toThrow(
        'withUpdates: fn must be synchronous, got a promise',
      );
    });

    it('moves no layer when one of them is disposed', async () => {
      const [kept, gone] = [new BatchNorm(), new BatchNorm()];
      const { updates } = withUpdates(() => {
        train(kept, batches[0]!);
        train(gone, batches[0]!);
      });
      gone.dispose();
      expect(() => updates.run()).toThrow('disposed');
      await expectAverages(kept, UNTOUCHED);
      updates.dispose();
      kept.dispose();
    });
  });

  describe('deferred updates', () => {
    it(
      'wait in UpdateOps.pending',
      using({ updates: 'deferred' }, async (layer) => {
        train(layer, batches[0]!);
        await expectAverages(layer, UNTOUCHED);
        expect(UpdateOps.pending.size).toBe(1);
        UpdateOps.pending.run();
        await expectAverages(
          layer,
          averaged([batches[0]!], () => 0.01),
        );
      }),
    );

    it('go with their layer', () => {
      const layer = new BatchNorm({ updates: 'deferred' });
      train(layer, batches[0]!);
      layer.dispose();
      expect(UpdateOps.pending.size).toBe(0);
    });

    for (const [when, calls, then, consequence] of [
      ['at the first inference', 3, infer, 'inference uses the initial averages'],
      ['after a hundred calls', 100, () => {}, 'the moving averages stand still'],
    ] as const) {
      it(
        `that were never run are said once, ${when}`,
        using({ updates: 'deferred' }, async (layer) => {
          const warn = vi.mocked(console.warn).mockImplementation(() => {});
          for (let i = 0; i < calls; i++) train(layer, batches[0]!);
          then(layer);
          then(layer);
          expect(warn.mock.calls.map(([message]) => message)).toEqual([
            `BatchNorm '${layer.name}': the update ops of ${calls} training calls were never run, ` +
              `so ${consequence}. Run them after each step (trainStep does; updates.run() of ` +
              "withUpdates; UpdateOps.pending.run()), or use updates: 'immediate'.",
          ]);
          warn.mockClear();
        }),
      );
    }
  });

  describe('the mode of a call', () => {
    const modes: [BatchNormArgs, object, boolean][] = [
      [{}, {}, false],
      [{}, { training: true }, true],
      [{ training: true }, {}, true],
      [{ training: true }, { training: null }, true],
      [{ training: true }, { training: false }, false],
      [{ training: false }, { training: true }, true],
      [{ frozen: true }, { training: true }, false],
      [{ frozen: true, training: true }, {}, false],
      [{ trainable: false }, { training: true }, false],
    ];
    for (const [args, call, trains] of modes) {
      it(`of a layer ${JSON.stringify(args)} called with ${JSON.stringify(call)} is ${
        trains ? 'training' : 'inference'
      }`, async () => {
        const layer = new BatchNorm(args);
        infer(layer);
        const before = await valuesOf(layer.getWeights());
        const x = tf.tensor2d(Float32Array.from(batches[0]!), [10, C]);
        const y = layer.apply(x, call) as tf.Tensor;
        const moving = { mean: [0, 0], variance: [1, 1] };
        const expected = { channels: C, ...(trains ? {} : { moving }) };
        await expectClose(y, batchNormReference(batches[0]!, expected).y);
        const after = await valuesOf(layer.getWeights());
        if (trains) expect(after).not.toEqual(before);
        else expect(after).toEqual(before);
        tf.dispose([x, y]);
        layer.dispose();
      });
    }

    it('of a layer with training: true in a model is training in predict and evaluate', async () => {
      const layer = new BatchNorm({ training: true, inputShape: [C] });
      const model = tfl.sequential({ layers: [layer] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const x = tf.tensor2d(Float32Array.from(batches[0]!), [10, C]);
      const y = model.predict(x) as tf.Tensor;
      await expectClose(y, batchNormReference(batches[0]!, { channels: C }).y);
      const loss = model.evaluate(x, y) as tf.Scalar;
      await expectClose(loss, [0]);
      await expectAverages(
        layer,
        averaged([batches[0]!, batches[0]!], () => 0.01),
      );
      tf.dispose([x, y, loss]);
      model.dispose();
    });

    for (const args of [{}, { scale: false }, { scale: false, center: false }]) {
      it(`of a layer ${JSON.stringify(args)} in a frozen model is inference`, async () => {
        const layer = new BatchNorm({ ...args, inputShape: [C] });
        const model = tfl.sequential({ layers: [layer] });
        const before = await valuesOf(layer.getWeights());
        model.trainable = false;
        train(layer, batches[0]!);
        expect(await valuesOf(layer.getWeights())).toEqual(before);
        model.trainable = true;
        train(layer, batches[0]!);
        expect(await valuesOf(layer.getWeights())).not.toEqual(before);
        expect(layer.weights.length).toBe(2 + layer.trainableWeights.length);
        model.dispose();
      });
    }
  });

  describe('a layer frozen', () => {
    const ways: [
      how: string,
      set: (frozen: boolean, of: BatchNorm, encoder: tfl.LayersModel) => void,
    ][] = [
      ['by `frozen`', (frozen, of) => Object.assign(of, { frozen })],
      ['by `trainable`', (frozen, of) => Object.assign(of, { trainable: !frozen })],
      [
        'with its model, the first layer of another that is built',
        (frozen, _, encoder) => Object.assign(encoder, { trainable: !frozen }),
      ],
    ];
    for (const [how, set] of ways) {
      it(`${how} moves neither averages nor parameters, and does once it is thawed`, async () => {
        const layer = new BatchNorm({ inputShape: [C] });
        const encoder = tfl.sequential({ layers: [layer] });
        const model = tfl.sequential({ layers: [encoder, tfl.layers.dense({ units: 1 })] });
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        const names = layer.weights.map(nameOf);
        set(true, layer, encoder);
        expect(layer.trainableWeights).toEqual([]);
        expect(layer.weights.map(nameOf)).toEqual(names);

        const x = tf.tensor2d(Float32Array.from(batches[0]!), [10, C]);
        const [y, optimizer] = [tf.ones([10, 1]), tf.train.sgd(0.1)];
        const output = () => model.apply(x, { training: true }) as tf.Tensor;
        const stepOfAllVariables = () =>
          trainStep(optimizer, () => tf.losses.meanSquaredError(y, output()) as tf.Scalar);
        const values = () => valuesOf(layer.weights.map((weight) => weight.read()));
        const before = await values();
        vi.mocked(console.warn).mockImplementation(() => {}); // of tfjs: not compiled since
        await model.fit(x, y, { epochs: 1, verbose: 0 });
        vi.mocked(console.warn).mockClear();
        await stepOfAllVariables();
        expect(await values()).toEqual(before);

        set(false, layer, encoder);
        await stepOfAllVariables();
        for (const [i, changed] of (await values()).entries()) {
          expect(changed).not.toEqual(before[i]);
        }
        tf.dispose([x, y]);
        optimizer.dispose();
        model.dispose();
      });
    }

    it('by `trainable` stays so when the model is compiled', async () => {
      const layer = new BatchNorm({ inputShape: [C] });
      layer.trainable = false;
      const encoder = tfl.sequential({ layers: [layer] });
      const model = tfl.sequential({ layers: [encoder, tfl.layers.dense({ units: 1 })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      expect(layer.isFrozen).toBe(true);
      model.dispose();
    });
  });

  describe('sample weights', () => {
    it(
      'make the statistics those of the weighted samples',
      using({ momentum: 0 }, async (layer) => {
        const weights = tf.tensor1d([1, 0, 1, 1, 0, 1, 1, 1, 0, 1]);
        train(layer, batches[0]!, { weights });
        const present = await weights.data();
        const kept = batches[0]!.filter((_, i) => present[Math.floor(i / C)] === 1);
        await expectAverages(
          layer,
          averaged([kept], () => 1),
        );
        weights.dispose();
      }),
    );

    it(
      'of one scale or another give the same averages',
      using({ momentum: 0 }, async (layer) => {
        const w = tf.tensor1d(Float32Array.from(noise(10, 5).map((v) => v + 1.5)));
        train(layer, batches[0]!, { weights: w });
        const once = await valuesOf(layer.getWeights());
        const scaled = tf.mul(w, 8);
        train(layer, batches[0]!, { weights: scaled });
        const twice = await valuesOf(layer.getWeights());
        for (const [i, values] of twice.entries()) await expectClose(values, once[i]!);
        tf.dispose([w, scaled]);
      }),
    );

    it(
      'of zero move nothing and give the offset',
      using({ momentum: null }, async (layer) => {
        const before = await valuesOf(layer.getWeights());
        const weights = tf.zeros([10]);
        const x = tf.ones([10, C]);
        const y = layer.apply(x, { training: true, weights }) as tf.Tensor;
        expect((await y.data()).every(Number.isFinite)).toBe(true);
        expect(await valuesOf(layer.getWeights())).toEqual(before);
        tf.dispose([weights, x, y]);
      }),
    );

    it(
      'may come as a mask; a mask of another shape is not this layer’s',
      using({ momentum: 0 }, async (layer) => {
        const mask = tf.tensor1d([1, 0, 1, 1, 0, 1, 1, 1, 0, 1], 'bool');
        train(layer, batches[0]!, { mask });
        const masked = await valuesOf(layer.getWeights());
        const weights = tf.cast(mask, 'float32');
        train(layer, batches[0]!, { weights });
        const weighted = await valuesOf(layer.getWeights());
        for (const [i, values] of weighted.entries()) await expectClose(values, masked[i]!);
        const foreign = tf.ones([3, 7], 'bool');
        train(layer, batches[0]!, { mask: foreign });
        await expectAverages(
          layer,
          averaged([batches[0]!], () => 1),
        );
        tf.dispose([mask, weights, foreign]);
      }),
    );

    for (const [shape, counts] of [
      [[3], (i) => i !== 1],
      [[3, 1, 4], (i, j) => (i + j) % 3 !== 0],
    ] as [number[], (i: number, j: number) => boolean][]) {
      it(`of shape [${shape}] follow an input of shape [3, ${C}, 4] with its channels at axis 1`, async () => {
        const layer = new BatchNorm({ axis: 1, momentum: 0 });
        const values = noise(3 * C * 4, 7);
        const x = tf.tensor3d(Float32Array.from(values), [3, C, 4]);
        const places = [0, 1, 2].flatMap((i) => [0, 1, 2, 3].map((j) => [i, j] as const));
        const each = shape.length === 1 ? places.filter(([, j]) => j === 0) : places;
        const weights = tf.tensor(
          each.map(([i, j]) => Number(counts(i, j))),
          shape,
        );
        (layer.apply(x, { training: true, weights }) as tf.Tensor).dispose();
        const kept = places
          .filter(([i, j]) => counts(i, j))
          .flatMap(([i, j]) => [0, 1].map((k) => values[(i * C + k) * 4 + j]!));
        await expectAverages(
          layer,
          averaged([kept], () => 1),
        );
        tf.dispose([x, weights]);
        layer.dispose();
      });
    }

    it('reach the layers of a model that is applied with them', async () => {
      const layer = new BatchNorm({ momentum: 0, inputShape: [C] });
      const model = tfl.sequential({ layers: [layer] });
      const [weights, x] = [tf.tensor1d([0, 1, 1]), tf.tensor2d([9, 9, 1, 2, 3, 6], [3, C])];
      tf.tidy(() => void model.apply(x, { training: true, weights }));
      await expectAverages(
        layer,
        averaged([[1, 2, 3, 6]], () => 1),
      );
      tf.dispose([weights, x]);
      model.dispose();
    });

    it('may come from a masking layer before it', async () => {
      const layer = new BatchNorm({ momentum: 0 });
      const masking = tfl.layers.masking({ inputShape: [2, C] });
      const model = tfl.sequential({ layers: [masking, layer] });
      const x = tf.tensor3d([1, 2, 3, 6, 5, 4, 0, 0], [2, 2, C]);
      tf.tidy(() => void model.apply(x, { training: true }));
      await expectAverages(
        layer,
        averaged([[1, 2, 3, 6, 5, 4]], () => 1),
      );
      x.dispose();
      model.dispose();
    });

    it(
      'that don’t follow the input are refused',
      using({}, async (layer) => {
        const weights = tf.ones([7]);
        expect(() => train(layer, batches[0]!, { weights })).toThrow(
          `BatchNorm '${layer.name}': weights must follow the leading axes of [10, 1], got [7]`,
        );
        await expectAverages(layer, UNTOUCHED);
        weights.dispose();
      }),
    );
  });

  it(
    'an empty batch gives an empty result and moves nothing',
    using({}, async (layer) => {
      const x = tf.zeros([0, C]);
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      expect(y.shape).toEqual([0, C]);
      await expectAverages(layer, UNTOUCHED);
      tf.dispose([x, y]);
    }),
  );

  it(
    'one sample alone has variance 0',
    using({ momentum: 0 }, async (layer) => {
      train(layer, [3, 4]);
      await expectAverages(layer, { mean: [3, 4], variance: [0, 0] });
    }),
  );
});
