import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { BatchNorm, type BatchNormArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { valuesOf } from '../support/saveLoad.js';
import { ACTIVATIONS, batchNormReference, type ReferenceArgs } from './reference.js';

const C = 3;
const ROWS = 12;
const X = noise(ROWS * C, 1).map((v, i) => 2 * v + (i % C));
const DY = noise(ROWS * C, 2);
/** A direction, along which a slope is measured. */
const ALONG = noise(ROWS * C, 3);
const WEIGHTS = [1, 0, 0.5, 2, 1, 0, 1, 0.25, 1, 3, 1, 0.5];
const GAMMA = [1.5, -0.5, 0.75];
const BETA = [0.25, -1, 0.5];
const MEAN = [0.5, 1.5, 2];
const VARIANCE = [0.5, 1, 2];
const DEVIATION = [0.75, 1, 1.5];
/** Of these, some bind. */
const CLIPPING = { rmin: 0.75, rmax: 1.25, dmax: 0.5 };

/** A built layer with the weights above, for rows [m, c]. */
function layerOf(args: BatchNormArgs): BatchNorm {
  const layer = new BatchNorm(args);
  tf.tidy(() => {
    layer.apply(tf.zeros([1, C]));
  });
  const { scale, center, renorm } = layer.options;
  const parameters = [...(scale ? [GAMMA] : []), ...(center ? [BETA] : [])];
  const values = [...parameters, MEAN, VARIANCE, ...(renorm ? [DEVIATION, MEAN, DEVIATION] : [])];
  const tensors = values.map((v) => tf.tensor1d(v));
  layer.setWeights(tensors);
  tf.dispose(tensors);
  return layer;
}

type Call = { training: boolean; weights?: tf.Tensor };
type Pair = [tf.Tensor, tf.Tensor];

/** The gradients of Σ y·dy by x, gamma and beta (as far as the layer has them). */
function gradients(layer: BatchNorm, x: tf.Tensor, dy: tf.Tensor, call: Call): tf.Tensor[] {
  const variables = layer.trainableWeights.map((w) => w.read() as tf.Variable);
  const input = tf.variable(x);
  const { value, grads } = tf.variableGrads(
    () => tf.sum(tf.mul(layer.apply(input, call) as tf.Tensor, dy)),
    [input, ...variables],
  );
  const result = [input, ...variables].map((v) => grads[v.name]!);
  tf.dispose([value, input]);
  return result;
}

async function expectGradients(args: BatchNormArgs, call: Call, extra: Partial<ReferenceArgs>) {
  const layer = layerOf(args);
  const x = tf.tensor2d(Float32Array.from(X), [ROWS, C]);
  const dy = tf.tensor2d(Float32Array.from(DY), [ROWS, C]);
  const actual = gradients(layer, x, dy, call);
  const { scale, center, activation } = layer.options;
  const known = {
    channels: C,
    gamma: scale ? GAMMA : undefined,
    beta: center ? BETA : undefined,
    activation: ACTIVATIONS[activation],
    ...extra,
  };
  const loss = (more: Partial<ReferenceArgs>, at: ArrayLike<number> = X) =>
    dot(batchNormReference(at, { ...known, ...more }).y, DY);
  const expected = [
    finiteDifferences((v) => loss({}, v), X),
    ...(scale ? [finiteDifferences((gamma) => loss({ gamma }), GAMMA)] : []),
    ...(center ? [finiteDifferences((beta) => loss({ beta }), BETA)] : []),
  ];
  expect(actual.length).toBe(expected.length);
  for (const [i, gradient] of actual.entries()) {
    await expectClose(gradient, expected[i]!, { tolerance: 2e-5 });
  }
  tf.dispose([x, dy, ...actual]);
  layer.dispose();
}

onEveryBackend(() => {
  for (const [shape, axis] of [
    [[12, 3], -1],
    [[4, 3, 3], 2],
    [[2, 3, 2, 3], -1],
    [[2, 3, 3, 2], 1],
    [[2, 1, 3, 2, 3], -1],
    [[3, 3, 1, 2, 2], 1],
  ] as [number[], number][]) {
    it(`training normalises ${shape.join('×')} over all axes but ${axis}, with its gradient`, async () => {
      const layer = new BatchNorm({ axis });
      const [x, dy] = [X, DY].map((v) => tf.tensor(Float32Array.from(v), shape)) as Pair;
      const train = (v: tf.Tensor) => layer.apply(v, { training: true }) as tf.Tensor;
      const y = train(x);
      const dx = tf.grad(train)(x, dy);
      const channelsLast = (t: tf.Tensor) => {
        const at = axis < 0 ? axis + shape.length : axis;
        const others = shape.map((_, i) => i).filter((i) => i !== at);
        return tf.tidy(() => tf.transpose(t, [...others, at]));
      };
      const all = [x, y, dy, dx].map(channelsLast);
      const [rows, result, dResult, dRows] = await valuesOf(all);
      const reference = (v: ArrayLike<number>) => batchNormReference(v, { channels: C }).y;
      await expectClose(result!, reference(rows!));
      const gradient = finiteDifferences((v) => dot(reference(v), dResult!), rows!);
      await expectClose(dRows!, gradient, { tolerance: 2e-5 });
      expect(y.shape).toEqual(shape);
      tf.dispose([x, y, dy, dx, all]);
      layer.dispose();
    });
  }

  for (const [how, args, call, extra] of [
    ['the batch', {}, { training: true }, {}],
    ['the batch, and relu', { activation: 'relu' }, { training: true }, {}],
    ['weighted rows', {}, { training: true, weights: WEIGHTS }, { weights: WEIGHTS }],
    [
      'moving averages, and relu',
      { activation: 'relu' },
      { training: false },
      { moving: { mean: MEAN, variance: VARIANCE } },
    ],
  ] as [
    string,
    BatchNormArgs,
    { training: boolean; weights?: number[] },
    Partial<ReferenceArgs>,
  ][]) {
    it(`has derivatives of the second order, by the statistics of ${how}`, async () => {
      const layer = layerOf(args);
      const gamma = layer.trainableWeights[0]!.read() as tf.Variable;
      const [x, dy, along] = [X, DY, ALONG].map((v) =>
        tf.tensor2d(Float32Array.from(v), [ROWS, C]),
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const weights = call.weights && tf.tensor2d(call.weights, [ROWS, 1]);
      const train = (v: tf.Tensor) =>
        tf.sum(tf.mul(dy, tf.square(layer.apply(v, { ...call, weights }) as tf.Tensor)));
      const actual = tf.tidy(() => {
        const input = tf.variable(x);
        const slope = () => tf.sum<tf.Scalar>(tf.mul(along, tf.grad(train)(input)));
        const { grads } = tf.variableGrads(slope, [input, gamma]);
        input.dispose();
        return [grads[input.name]!, grads[gamma.name]!];
      });
      const activation = ACTIVATIONS[layer.options.activation];
      const known = { channels: C, gamma: GAMMA, beta: BETA, activation, ...extra };
      const slope64 = (at: ArrayLike<number>, scale: ArrayLike<number>) => {
        const [above, below] = [1e-4, -1e-4].map((h) => {
          const moved = Array.from(at, (v, i) => v + h * ALONG[i]!);
          const { y } = batchNormReference(moved, { ...known, gamma: scale });
          return dot(
            y.map((v) => v * v),
            DY,
          );
        });
        return (above! - below!) / 2e-4;
      };
      const byX = finiteDifferences((v) => slope64(v, GAMMA), X, 1e-4);
      await expectClose(actual[0]!, byX, { tolerance: 1e-4 });
      const byGamma = finiteDifferences((v) => slope64(X, v), GAMMA, 1e-4);
      await expectClose(actual[1]!, byGamma, { tolerance: 1e-4 });
      tf.dispose([x, dy, along, actual, ...(weights ? [weights] : [])]);
      layer.dispose();
    });
  }

  it('inference normalises with the moving averages', async () => {
    const layer = layerOf({ epsilon: 1e-2 });
    const x = tf.tensor2d(Float32Array.from(X), [ROWS, C]);
    const y = layer.apply(x) as tf.Tensor;
    const moving = { mean: MEAN, variance: VARIANCE };
    const args = { channels: C, gamma: GAMMA, beta: BETA, epsilon: 1e-2, moving };
    await expectClose(y, batchNormReference(X, args).y);
    tf.dispose([x, y]);
    layer.dispose();
  });

  it('a large common offset costs the variance no precision', async () => {
    const layer = new BatchNorm();
    const offset = X.map((v) => v + 1000);
    const x = tf.tensor2d(Float32Array.from(offset), [ROWS, C]);
    const y = layer.apply(x, { training: true }) as tf.Tensor;
    const exact = batchNormReference(Float32Array.from(offset), { channels: C });
    await expectClose(y, exact.y, { tolerance: 1e-3 });
    tf.dispose([x, y]);
    layer.dispose();
  });

  for (const activation of Object.keys(ACTIVATIONS)) {
    it(`the training gradient is exact with ${activation}`, async () => {
      const args = { activation } as BatchNormArgs;
      await expectGradients(args, { training: true }, {});
    });
  }

  for (const [scale, center] of [
    [false, true],
    [true, false],
    [false, false],
  ]) {
    it(`gradients are exact with scale ${scale} and center ${center}`, async () => {
      const args: BatchNormArgs = { scale, center, activation: 'relu' };
      await expectGradients(args, { training: true }, {});
      const moving = { mean: MEAN, variance: VARIANCE };
      await expectGradients(args, { training: false }, { moving });
    });
  }

  it('the inference gradient takes the averages as constants', async () => {
    const moving = { mean: MEAN, variance: VARIANCE };
    await expectGradients({ activation: 'tanh' }, { training: false }, { moving });
  });

  it('weighted rows count by their weight, forward and backward', async () => {
    const weights = noise(ROWS, 3).map((v, i) => (i % 4 === 0 ? 0 : 1 + v));
    const w = tf.tensor1d(Float32Array.from(weights));
    await expectGradients({ activation: 'elu' }, { training: true, weights: w }, { weights });
    w.dispose();
  });

  for (const args of [
    { renormClipping: CLIPPING },
    { renormClipping: CLIPPING, activation: 'relu' },
    { activation: 'swish', center: false },
    { scale: false, activation: 'tanh' },
    { renormClipping: { dmax: 0 }, scale: false, center: false },
  ] as BatchNormArgs[]) {
    it(`the gradient takes the corrections of renorm as constants: ${JSON.stringify(args)}`, async () => {
      for (const weights of [undefined, noise(ROWS, 3).map((v) => 1 + v)]) {
        const batch = batchNormReference(X, { channels: C, weights });
        const { rmin = 0, rmax = Infinity, dmax = Infinity } = args.renormClipping ?? {};
        const between = (low: number, v: number, high: number) => Math.min(Math.max(v, low), high);
        const r = DEVIATION.map((average, i) =>
          between(rmin!, Math.sqrt(batch.variance[i]! + 1e-3) / average, rmax!),
        );
        const d = DEVIATION.map((average, i) =>
          between(-dmax!, (batch.mean[i]! - MEAN[i]!) / average, dmax!),
        );
        const w = weights && tf.tensor1d(Float32Array.from(weights));
        const call = { training: true, weights: w };
        await expectGradients({ renorm: true, ...args }, call, { weights, correction: { r, d } });
        w?.dispose();
      }
    });
  }

  for (const variance of ['unbiased', 'biased'] as const) {
    it(`a training call moves the averages by the ${variance} variance`, async () => {
      const layer = layerOf({ variance, momentum: 0.9 });
      const x = tf.tensor2d(Float32Array.from(X), [ROWS, C]);
      (layer.apply(x, { training: true }) as tf.Tensor).dispose();
      const batch = batchNormReference(X, { channels: C });
      const factor = variance === 'unbiased' ? ROWS / (ROWS - 1) : 1;
      const [mean, movingVariance] = layer.getWeights().slice(2);
      await expectClose(
        mean!,
        batch.mean.map((v, i) => 0.9 * MEAN[i]! + 0.1 * v),
      );
      await expectClose(
        movingVariance!,
        batch.variance.map((v, i) => 0.9 * VARIANCE[i]! + 0.1 * factor * v),
      );
      x.dispose();
      layer.dispose();
    });
  }
});
