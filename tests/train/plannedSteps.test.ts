import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it, vi } from 'vitest';
import {
  Adam,
  BatchNorm,
  CroppedConv2DTranspose,
  PlannedStep,
  setSeed,
  trainStep,
} from '../../src/index.js';
import { onBackends, onEveryBackend } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { disposeWeights, valuesOf } from '../support/saveLoad.js';

const image = (batch: number, seed: number) =>
  tf.tensor4d(Float32Array.from(noise(batch * 81, seed)), [batch, 9, 9, 1]);

/** Convolutions of both kinds and both batch normalisations; two of the same are equal. */
function network(): tfl.LayersModel {
  setSeed(1);
  const { layers } = tfl;
  const model = tfl.sequential({
    layers: [
      layers.conv2d({
        inputShape: [9, 9, 1],
        filters: 8,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
      }),
      new BatchNorm({ activation: 'relu', momentum: null }),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }),
      layers.batchNormalization({ momentum: 0.9 }),
      layers.reLU(),
      new CroppedConv2DTranspose({
        filters: 1,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        outputSize: [9, 9],
      }),
    ],
  });
  const weights = model.getWeights().map((weight, i) => {
    const values = noise(weight.size, i + 1).map((v) => 0.2 * v + 0.5);
    return tf.tensor(Float32Array.from(values), weight.shape);
  });
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

const reconstruction = (model: tfl.LayersModel) => (x: tf.Tensor) =>
  tf.losses.meanSquaredError(x, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar;

/** A planned step and the means to make the same without a plan, of two equal networks. */
function pair(options: { clipNorm?: number } = {}, frozen?: number) {
  const [planned, plain] = [network(), network()];
  if (frozen !== undefined) {
    for (const model of [planned, plain]) model.layers[frozen]!.trainable = false;
  }
  const [one, other] = [new Adam({ learningRate: 0.01 }), new Adam({ learningRate: 0.01 })];
  const step = new PlannedStep(planned, one, reconstruction(planned), options);
  const variables = plain.trainableWeights.map((w) => w.read() as tf.Variable);
  return {
    planned,
    plain,
    step,
    stepPlain: (x: tf.Tensor) =>
      trainStep(other, () => reconstruction(plain)(x), { variables, ...options }),
    tearDown: () => {
      step.dispose();
      for (const model of [planned, plain]) disposeWeights(model);
      for (const optimizer of [one, other]) optimizer.dispose();
    },
  };
}

const weightsOf = (model: tfl.LayersModel) => valuesOf(model.getWeights());

/** How often the model's layers are called during `work`. */
async function calls(model: tfl.LayersModel, work: () => Promise<unknown>): Promise<number> {
  const call = vi.spyOn(model.layers.at(-1)!, 'call');
  await work();
  const count = call.mock.calls.length;
  call.mockRestore();
  return count;
}

onEveryBackend((backend) => {
  it('a planned step does what trainStep does, bit for bit on WASM', async () => {
    const { planned, plain, step, stepPlain, tearDown } = pair({ clipNorm: 0.05 });
    for (let i = 0; i < 6; i++) {
      // The third batch is of another shape.
      const x = image(i === 2 ? 3 : 4, i);
      const [loss, expected] = [await step.run(x), await stepPlain(x)];
      if (backend === 'wasm') expect(loss).toBe(expected);
      else expect(loss).toBeCloseTo(expected, 4);
      x.dispose();
    }
    expect(step.unplanned).toBeUndefined();
    if (backend === 'wasm') expect(await weightsOf(planned)).toEqual(await weightsOf(plain));
    tearDown();
  });
});

onBackends(['wasm'], () => {
  describe('PlannedStep', () => {
    it('calls the layers for the first two steps of a shape only, and keeps no tensor', async () => {
      const { planned, step, tearDown } = pair();
      const [x, other] = [image(4, 1), image(2, 1)];
      expect(await calls(planned, () => step.run(x))).toBe(1);
      expect(await calls(planned, () => step.run(x))).toBe(2);
      const { numTensors } = tf.memory();
      expect(await calls(planned, () => step.run(x))).toBe(0);
      expect(await calls(planned, () => step.run(other))).toBe(2);
      expect(await calls(planned, () => step.run(other))).toBe(0);
      expect(await calls(planned, () => step.run(x))).toBe(0);
      expect(tf.memory().numTensors).toBe(numTensors);
      tf.dispose([x, other]);
      tearDown();
    });

    it('has plans for four shapes; another gets one when one of them is no longer in use', async () => {
      const { planned, plain, step, stepPlain, tearDown } = pair();
      const batches = [1, 2, 3, 4, 5].map((size) => image(size, size));
      const count = (x: tf.Tensor) => calls(planned, () => step.run(x));
      await step.run(batches[0]!);
      for (const x of batches.slice(0, 4)) expect(await count(x)).toBe(2);
      for (let i = 0; i < 2; i++) {
        for (const x of batches.slice(0, 4)) expect(await count(x)).toBe(0);
        expect(await count(batches[4]!)).toBe(1);
      }
      // Those that haven't been used for longest go first: the first of them, then the third.
      for (let i = 0; i < 46; i++) await step.run(batches[1]!);
      expect(await count(batches[4]!)).toBe(2);
      expect(await count(batches[4]!)).toBe(0);
      expect(await count(batches[1]!)).toBe(0);
      expect(await count(batches[0]!)).toBe(2);
      expect(await count(batches[3]!)).toBe(0);
      const used = [
        0,
        0,
        1,
        2,
        3,
        0,
        1,
        2,
        3,
        4,
        0,
        1,
        2,
        3,
        4,
        ...Array(46).fill(1),
        4,
        4,
        1,
        0,
        3,
      ];
      for (const i of used) await stepPlain(batches[i]!);
      expect(await weightsOf(planned)).toEqual(await weightsOf(plain));
      tf.dispose(batches);
      tearDown();
    });

    it('follows weights that are set meanwhile, those that are not trained too', async () => {
      const [model, plain] = [network(), network()];
      for (const one of [model, plain]) one.layers[2]!.trainable = false;
      const [optimizer, other] = [tf.train.sgd(0.1), tf.train.sgd(0.1)];
      const step = new PlannedStep(model, optimizer, reconstruction(model));
      const variables = plain.trainableWeights.map((w) => w.read() as tf.Variable);
      const x = image(4, 1);
      for (let i = 0; i < 8; i++) {
        if (i === 4) {
          for (const one of [model, plain]) {
            const halves = tf.tidy(() => one.getWeights().map((weight) => tf.mul(weight, 0.5)));
            one.setWeights(halves);
            tf.dispose(halves);
          }
        }
        const expected = await trainStep(other, () => reconstruction(plain)(x), { variables });
        expect(await step.run(x)).toBe(expected);
      }
      expect(await weightsOf(model)).toEqual(await weightsOf(plain));
      step.dispose();
      for (const one of [model, plain]) disposeWeights(one);
      for (const one of [optimizer, other, x]) one.dispose();
    });

    it('takes weights that somebody else trains as inputs, with one plan for all steps', async () => {
      const { planned, plain, step, stepPlain, tearDown } = pair({}, 2);
      const x = image(4, 1);
      const shrink = (model: tfl.LayersModel) => {
        tf.tidy(() =>
          model.layers[2]!.setWeights(model.layers[2]!.getWeights().map((w) => tf.mul(w, 0.9))),
        );
      };
      const counts: number[] = [];
      for (let i = 0; i < 7; i++) {
        counts.push(await calls(planned, () => step.run(x)));
        await stepPlain(x);
        if (i > 2) for (const model of [planned, plain]) shrink(model);
      }
      expect(counts).toEqual([1, 2, 0, 0, 2, 0, 0]);
      expect(await weightsOf(planned)).toEqual(await weightsOf(plain));
      x.dispose();
      tearDown();
    });

    it('moves nothing when the loss or a gradient is not finite, and goes on', async () => {
      const { planned, plain, step, stepPlain, tearDown } = pair();
      const [x, bad] = [image(4, 1), tf.fill([4, 9, 9, 1], Number.NaN)];
      for (let i = 0; i < 6; i++) {
        const before = await weightsOf(planned);
        await expect(step.run(bad)).rejects.toThrow(
          /^trainStep: the loss is NaN; weights and moving averages were left as they were$/,
        );
        expect(await weightsOf(planned)).toEqual(before);
        expect(await step.run(x)).toBe(await stepPlain(x));
      }
      expect(await weightsOf(planned)).toEqual(await weightsOf(plain));
      tf.dispose([x, bad]);
      tearDown();
    });

    it('leaves nothing behind when the loss throws, in any step', async () => {
      // The first step, and each of the two calls by which the second is noted.
      for (const [steps, good] of [
        [0, 0],
        [1, 0],
        [1, 1],
      ] as const) {
        const model = network();
        const optimizer = new Adam();
        let broken = false;
        let count = 0;
        const step = new PlannedStep(model, optimizer, (x: tf.Tensor) => {
          const loss = reconstruction(model)(x);
          if (broken && count++ >= good) throw new Error('my own');
          return loss;
        });
        const x = image(4, 1);
        for (let i = 0; i < steps; i++) await step.run(x);
        const before = await weightsOf(model);
        const { numTensors } = tf.memory();
        broken = true;
        await expect(step.run(x)).rejects.toThrow(/^my own$/);
        expect(tf.memory().numTensors).toBe(numTensors);
        expect(await weightsOf(model)).toEqual(before);
        broken = false;
        for (let i = 0; i < 3; i++) await step.run(x);
        expect(step.unplanned).toBeUndefined();
        step.dispose();
        disposeWeights(model);
        optimizer.dispose();
        x.dispose();
      }
    });

    it('frees its memory, and plans anew afterwards', async () => {
      const { planned, plain, step, stepPlain, tearDown } = pair();
      const x = image(4, 1);
      for (let i = 0; i < 6; i++) {
        if (i === 3) {
          step.dispose();
          step.dispose();
        }
        expect(await step.run(x)).toBe(await stepPlain(x));
      }
      expect(await calls(planned, () => step.run(x))).toBe(0);
      expect(await stepPlain(x)).toBeGreaterThan(0);
      expect(await weightsOf(planned)).toEqual(await weightsOf(plain));
      x.dispose();
      tearDown();
    });

    it('computes without a plan in debug mode', async () => {
      const { planned, step, tearDown } = pair();
      const x = image(4, 1);
      for (let i = 0; i < 3; i++) await step.run(x);
      vi.spyOn(tf.env(), 'getBool').mockImplementation((flag) => flag === 'DEBUG');
      expect(await calls(planned, () => step.run(x))).toBe(1);
      vi.restoreAllMocks();
      vi.spyOn(console, 'warn');
      expect(await calls(planned, () => step.run(x))).toBe(0);
      x.dispose();
      tearDown();
    });

    it('refuses a norm that is not positive', () => {
      const model = network();
      const optimizer = new Adam();
      expect(
        () => new PlannedStep(model, optimizer, reconstruction(model), { clipNorm: 0 }),
      ).toThrow('PlannedStep: clipNorm must be a positive number, got 0');
      disposeWeights(model);
      optimizer.dispose();
    });
  });

  describe('a loss that can not be planned is found out, and computed all the same', () => {
    const x = () => image(4, 1);
    type Loss = (x: tf.Tensor) => tf.Scalar;
    const foreign = () => tf.tidy(() => tf.variable(tf.scalar(1), true, 'foreign'));
    const cases: [what: string, reason: RegExp, spoil: (loss: Loss) => Loss][] = [
      [
        'that reads values',
        /^it reads the values of tensors$/,
        (loss) => (x) => tf.mul(loss(x), x.dataSync()[0]! > 0 ? 1 : 2),
      ],
      [
        'that changes with the number of its call',
        /^it makes tensors of other values each time, such as random ones$/,
        (loss) => {
          let count = 0;
          return (x) => tf.mul(loss(x), ++count);
        },
      ],
      [
        'that does not do the same',
        /^it does not do the same each time$/,
        (loss) => {
          let count = 0;
          return (x) => (count++ % 2 ? loss(x) : tf.neg(tf.neg(loss(x))));
        },
      ],
      [
        'that takes other tensors',
        /^it does not do the same each time$/,
        (loss) => {
          let count = 0;
          return (x) => {
            const [a, b] = [loss(x), tf.mean(x) as tf.Scalar];
            return count++ % 2 ? tf.sub(a, b) : tf.sub(tf.add(b, 0), tf.neg(a));
          };
        },
      ],
      [
        'that reaches other weights',
        /^it has not the same gradients, or writes, each time$/,
        (loss) => {
          let count = 0;
          return (x) => {
            const kernel = Object.values(tf.engine().registeredVariables).find(
              ({ rank, trainable }) => rank === 4 && trainable,
            )!;
            return count++ === 0 ? loss(x) : tf.mean<tf.Scalar>(tf.mul(kernel, tf.mean(x)));
          };
        },
      ],
      [
        'that takes a variable of another',
        /^it takes a variable that is not among its inputs$/,
        (loss) => (x) => tf.mul(loss(x), tf.engine().registeredVariables.foreign!),
      ],
      [
        'that writes to a variable of another',
        /^it writes to the variable 'foreign'$/,
        (loss) => (x) => {
          const { foreign } = tf.engine().registeredVariables;
          tf.tidy(() => foreign!.assign(tf.add(foreign!, 1)));
          return loss(x);
        },
      ],
    ];
    for (const [what, reason, spoil] of cases) {
      it(what, async () => {
        const initial = foreign();
        const model = network();
        const optimizer = new Adam();
        const step = new PlannedStep(model, optimizer, spoil(reconstruction(model)));
        const batch = x();
        for (let i = 0; i < 4; i++) await step.run(batch);
        expect(step.unplanned).toMatch(reason);
        const written = initial.dataSync()[0];
        expect(written).toBe(/writes/.test(what) ? 5 : 1);
        step.dispose();
        disposeWeights(model);
        optimizer.dispose();
        tf.dispose([initial, batch]);
      });
    }
  });
});
