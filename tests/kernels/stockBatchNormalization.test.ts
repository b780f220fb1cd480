import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerKernels } from '../../src/kernels/index.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { prepareBackend } from '../support/environment.js';
import { noise } from '../support/float64.js';
import { batchNormGrad } from './reference/batchNormGrad.js';
import { batchNormTrain } from './reference/batchNormTrain.js';

type Args = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;
const reference = { epsilon: 1e-3, activation: 'linear', fixed: false } as const;

const tensor = (shape: number[], seed: number) =>
  tf.tensor<tf.Rank>([...noise(tf.util.sizeFromShape(shape), seed)], shape as [number]);

/** A layer of stock for this shape, with noise for its scale and offset. */
function made(shape: number[], args: Args) {
  const layer = layers.batchNormalization(args);
  tf.tidy(() => {
    layer.apply(tf.zeros(shape));
    const weights = layer.getWeights();
    const own = weights.slice(0, -2).map(({ shape }, i) => tensor(shape, 2 + i));
    layer.setWeights([...own, ...weights.slice(-2)]);
  });
  return layer;
}

/** y, and the gradients of Σ y·dy by x and by the layer's weights. */
function trainOnce(layer: ReturnType<typeof made>, x: tf.Tensor, dy: tf.Tensor): tf.Tensor[] {
  return tf.tidy(() => {
    const outputs: tf.Tensor[] = [];
    const loss = (input: tf.Tensor) => {
      const y = layer.apply(input, { training: true }) as tf.Tensor;
      outputs.push(tf.keep(tf.clone(y)));
      return tf.sum(tf.mul(y, dy)) as tf.Scalar;
    };
    const dx = tf.grad(loss)(x);
    const ofWeights = tf.variableGrads(() => loss(x));
    outputs.pop()!.dispose();
    return [...outputs, dx, ...Object.values(ofWeights.grads)];
  });
}

/** The kernels that some work runs. */
async function kernelsOf(work: () => void): Promise<string[]> {
  const { kernelNames } = await tf.profile(work as () => tf.TensorContainer);
  return kernelNames;
}

describe('tf.layers.batchNormalization with our kernels', () => {
  let restore: () => void;
  beforeAll(() => prepareBackend('wasm'));
  beforeEach(async () => {
    restore = registerKernels();
    await tf.setBackend('wasm');
  });
  afterEach(() => restore());
  failOnLeaksAndWarnings();

  for (const [what, shape, args] of [
    ['images', [3, 5, 4, 6], {}],
    ['rows', [7, 3], { axis: 1 }],
    ['sequences', [2, 3, 8], { axis: -1 }],
    ['images, without a scale', [3, 5, 4, 6], { scale: false }],
    ['images, without an offset', [3, 5, 4, 6], { center: false }],
  ] as [string, number[], Args][]) {
    it(`of ${what} trains as in float64, and moves its averages`, async () => {
      const channels = shape.at(-1)!;
      const layer = made(shape, args);
      const [x, dy] = [tensor(shape, 1), tensor(shape, 5)];
      const own = layer.getWeights().slice(0, -2);
      const [gamma, beta] = [
        args.scale === false ? undefined : own[0]!.dataSync(),
        args.center === false ? undefined : own.at(-1)!.dataSync(),
      ];
      const [y, dx, ...ofWeights] = trainOnce(layer, x, dy);
      const values = x.dataSync();
      const forward = batchNormTrain(values, channels, gamma, beta, reference);
      await expectClose(y!, forward.y, { tolerance: 2e-5, shape });
      const { mean, variance } = forward;
      const [dX, dGamma, dBeta] = batchNormGrad(
        ...([values, dy.dataSync(), forward.y, mean, variance, gamma, reference] as const),
      );
      await expectClose(dx!, dX!, { tolerance: 1e-5, shape });
      const expected = [...(gamma ? [dGamma!] : []), ...(beta ? [dBeta!] : [])];
      expect(ofWeights.length).toBe(expected.length);
      for (const [i, one] of expected.entries()) {
        await expectClose(ofWeights[i]!, one, { tolerance: 1e-5 });
      }
      // By two steps.
      const [movingMean, movingVariance] = layer.getWeights().slice(-2);
      await expectClose(
        movingMean!,
        mean.map((m) => m * (1 - 0.99 ** 2)),
      );
      await expectClose(
        movingVariance!,
        variance.map((v) => 1 + (v - 1) * (1 - 0.99 ** 2)),
      );
      tf.dispose([x, dy, y!, dx!, ofWeights]);
      layer.dispose();
    });
  }

  it('runs one kernel forward and one backward, where stock takes thirteen', async () => {
    const layer = made([4, 3, 3, 8], {});
    const [x, dy] = [tensor([4, 3, 3, 8], 1), tensor([4, 3, 3, 8], 2)];
    const step = () => tf.dispose(trainOnce(layer, x, dy));
    const ours = await kernelsOf(step);
    expect(ours).toContain('BlocksBatchNormTrain');
    expect(ours).toContain('BlocksBatchNormGrad');
    for (const name of ['Mean', 'Square', 'FusedBatchNorm']) expect(ours).not.toContain(name);
    restore();
    const stock = await kernelsOf(step);
    for (const name of ['Mean', 'Square', 'FusedBatchNorm']) expect(stock).toContain(name);
    tf.dispose([x, dy]);
    layer.dispose();
  });

  it('is left to stock for another axis, in inference, and for a gradient of a gradient', async () => {
    const layer = made([2, 3, 4], { axis: 1 });
    const last = made([2, 4], {});
    const [x, rows] = [tensor([2, 3, 4], 1), tensor([2, 4], 1)];
    const kernels = await kernelsOf(() => {
      tf.tidy(() => {
        layer.apply(x, { training: true });
        last.apply(rows, {});
        const f = (v: tf.Tensor) =>
          tf.sum(last.apply(tf.square(v), { training: true }) as tf.Tensor);
        tf.grad((v) => tf.sum(tf.square(tf.grad(f)(v))))(rows);
      });
    });
    expect(kernels.filter((name) => name.startsWith('BlocksBatchNorm'))).toEqual([]);
    tf.dispose([x, rows]);
    layer.dispose();
    last.dispose();
  });
});
