import * as tf from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Adam, Momentum, RMSProp } from '../../../src/index.js';
import { registerKernels } from '../../../src/kernels/index.js';
import { onEveryBackend } from '../../support/backends.js';
import { expectClose } from '../../support/close.js';
import { noise } from '../../support/float64.js';

/** Ours beside tfjs's, with the same options. */
const PAIRS: [string, () => tf.Optimizer, () => tf.Optimizer][] = [
  [
    'Adam',
    () => new Adam({ learningRate: 0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-5 }),
    () => tf.train.adam(0.02, 0.8, 0.99, 1e-5),
  ],
  ['Momentum without momentum', () => new Momentum({ learningRate: 0.1 }), () => tf.train.sgd(0.1)],
  [
    'Momentum',
    () => new Momentum({ learningRate: 0.1, momentum: 0.9 }),
    () => tf.train.momentum(0.1, 0.9),
  ],
  [
    'Momentum by Nesterov',
    () => new Momentum({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    () => tf.train.momentum(0.1, 0.9, true),
  ],
  [
    'RMSProp',
    () => new RMSProp({ learningRate: 0.02, decay: 0.8, momentum: 0.5, epsilon: 1e-5 }),
    () => tf.train.rmsprop(0.02, 0.8, 0.5, 1e-5),
  ],
];

/** Minimises Σ (x² − 1)² of two variables of 7 and 2×3 elements; returns where they are. */
function train(optimizer: tf.Optimizer, steps: number): Float32Array[] {
  const starts = [tf.tensor1d([...noise(7, 1)]), tf.tensor2d([...noise(6, 2)], [2, 3])];
  const variables = starts.map((start) => tf.variable(start));
  for (let i = 0; i < steps; i++) step(optimizer, variables);
  const values = variables.map((v) => v.dataSync<'float32'>());
  tf.dispose([starts, variables]);
  return values;
}

function step(optimizer: tf.Optimizer, variables: tf.Variable[]): void {
  optimizer.minimize(
    () => tf.addN(variables.map((v) => tf.sum(tf.square(tf.sub(tf.square(v), 1))))) as tf.Scalar,
    false,
    variables,
  );
}

onEveryBackend((backend) => {
  let restore: () => void;
  beforeAll(() => {
    restore = registerKernels();
  });
  afterAll(() => restore());

  const expected = new Map<string, Float32Array[]>();
  // Outside of the leak check: tfjs's own momentum optimizer leaves a tensor behind.
  beforeAll(() => {
    for (const [name, , stock] of PAIRS) expected.set(name, train(stock(), 10));
  });

  for (const [name, ours] of PAIRS) {
    it(`${name} takes the steps of tfjs's`, async () => {
      const optimizer = ours();
      for (const [i, values] of train(optimizer, 10).entries()) {
        await expectClose(values, expected.get(name)![i]!, { tolerance: 1e-5 });
      }
      optimizer.dispose();
    });
  }

  it('Adam with weight decay takes the share off, apart from the gradient', async () => {
    const [plain, decaying] = [new Adam(), new Adam({ weightDecay: 0.5 })];
    const start = noise(7, 1);
    const [a, b] = [train(plain, 1)[0]!, train(decaying, 1)[0]!];
    await expectClose(
      b,
      a.map((value, i) => value - start[i]! * 0.001 * 0.5),
    );
    plain.dispose();
    decaying.dispose();
  });

  it('RMSProp centred divides by the root of the variance, with ε added', async () => {
    const optimizer = new RMSProp({ centered: true, learningRate: 0.5, decay: 0.5, epsilon: 0.25 });
    const start = tf.scalar(3);
    const variable = tf.variable(start);
    optimizer.minimize(() => tf.mul(variable, 2) as tf.Scalar, false, [variable]);
    // s = 0.5·4, c = 0.5·2, so that x = 3 − 0.5·2 / √(2 − 1 + 0.25).
    await expectClose(variable, [3 - 1 / Math.sqrt(1.25)]);
    tf.dispose([start, variable]);
    optimizer.dispose();
  });

  it('leaves alone a variable without a gradient', () => {
    const optimizer = new Adam();
    const start = tf.scalar(3);
    const variable = tf.variable(start);
    optimizer.applyGradients([{ name: variable.name, tensor: null as unknown as tf.Tensor }]);
    expect(variable.dataSync()[0]).toBe(3);
    tf.dispose([start, variable]);
    optimizer.dispose();
  });

  for (const [name, ours] of PAIRS) {
    it(`${name} leaves alone what shares the values of a variable`, () => {
      const optimizer = ours();
      const start = tf.tensor1d([1.5, -2, 3]);
      const variable = tf.variable(start);
      step(optimizer, [variable]);
      const first = tf.clone(variable);
      const seen = [...first.dataSync()];
      step(optimizer, [variable]);
      step(optimizer, [variable]);
      expect([...start.dataSync()]).toEqual([1.5, -2, 3]);
      expect([...first.dataSync()]).toEqual(seen);
      expect([...variable.dataSync()]).not.toEqual(seen);
      tf.dispose([start, first, variable]);
      optimizer.dispose();
    });

    it(`${name} goes on from its saved state as if it had never stopped`, async () => {
      const start = tf.tensor1d([...noise(7, 1)]);
      const variable = tf.variable(start);
      const [through, first, second] = [ours(), ours(), ours()];
      for (let i = 0; i < 6; i++) step(through, [variable]);
      const expected = variable.dataSync<'float32'>();
      variable.assign(start);
      for (let i = 0; i < 3; i++) step(first, [variable]);
      const weights = await first.getWeights();
      await second.setWeights(weights);
      // Once more, since the leaks are counted.
      await first.getWeights();
      first.dispose();
      for (let i = 0; i < 3; i++) step(second, [variable]);
      expect(second.iterations).toBe(6);
      await expectClose(variable, expected, { tolerance: backend === 'webgpu' ? 1e-5 : 0 });
      tf.dispose([start, variable]);
      through.dispose();
      second.dispose();
    });
  }
});

// Saving and loading with tfjs leaves its own tensors behind, so that leaks are not counted.
describe('with a model', () => {
  for (const [name, ours] of PAIRS) {
    it(`${name} is saved with a model and loaded with it`, async () => {
      const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
      const optimizer = ours();
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const [x, y] = [tf.ones([4, 3]), tf.ones([4, 2])];
      await model.trainOnBatch(x, y);
      let saved!: tf.io.ModelArtifacts;
      const handler: tf.io.IOHandler = {
        save: async (artifacts) => {
          saved = artifacts;
          return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
        },
        load: async () => saved,
      };
      await model.save(handler, { includeOptimizer: true });
      const loaded = await loadLayersModel(handler);
      expect(loaded.optimizer.getClassName()).toBe(optimizer.getClassName());
      expect(loaded.optimizer.getConfig()).toEqual(optimizer.getConfig());
      await model.trainOnBatch(x, y);
      await loaded.trainOnBatch(x, y);
      for (const [i, weight] of loaded.getWeights().entries()) {
        await expectClose(weight, await model.getWeights()[i]!.data(), { tolerance: 1e-6 });
      }
      tf.dispose([x, y]);
      optimizer.dispose();
      loaded.optimizer.dispose();
      model.dispose();
      loaded.dispose();
    });
  }
});

describe('the optimizers refuse', () => {
  it.each([
    [() => new Adam({ learningRate: -1 }), 'Adam: learningRate must be a number ≥ 0, got -1'],
    [() => new Adam({ beta1: 1 }), 'Adam: beta1 must be a number in [0, 1), got 1'],
    [
      () => new Adam({ weightDecay: Number.NaN }),
      'Adam: weightDecay must be a number ≥ 0, got NaN',
    ],
    [() => new Momentum({ momentum: 1 }), 'Momentum: momentum must be a number in [0, 1), got 1'],
    [
      () => new RMSProp({ centered: 1 as unknown as boolean }),
      'RMSProp: centered must be true or false, got 1',
    ],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });

  it('a variable that does not exist', () => {
    const tensor = tf.scalar(1);
    expect(() => new Adam().applyGradients({ nobody: tensor })).toThrow(
      "Blocks.Adam: there is no variable named 'nobody'",
    );
    tensor.dispose();
  });
});
