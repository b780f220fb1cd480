import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { BatchNorm, type BatchNormArgs, withUpdates } from '../../src/index.js';
import cases from '../fixtures/norm.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { nameOf } from '../support/saveLoad.js';

interface Golden {
  shape: number[];
  data: number[];
}

interface Case {
  name: string;
  options: BatchNormArgs;
  steps: ({ x: Golden; y?: Golden; mean: Golden; variance: Golden } & Partial<
    Record<(typeof RENORM)[number], Golden>
  >)[];
  weights?: Golden;
  mask?: Golden;
  dy?: Golden;
  dx?: Golden;
  dgamma?: Golden;
  dbeta?: Golden;
  inference?: Golden;
}

const GAMMA = [1.5, -0.5, 0.75];
const BETA = [0.25, -1, 0.5];

/** The averages that only layers with `renorm` have, as they and their weights are called. */
const RENORM = ['moving_stddev', 'renorm_mean', 'renorm_stddev'] as const;

const tensorOf = ({ shape, data }: Golden, dtype?: 'bool') => tf.tensor(data, shape, dtype);

onEveryBackend(() => {
  for (const golden of cases as Case[]) {
    it(`agrees with ${golden.name}: outputs, averages over five steps, gradients`, async () => {
      const layer = new BatchNorm(golden.options);
      const call = {
        training: true,
        ...(golden.weights && { weights: tensorOf(golden.weights) }),
        ...(golden.mask && { mask: tensorOf(golden.mask, 'bool') }),
      };
      const weight = (name: string) => layer.weights.find((w) => nameOf(w) === name)!;
      for (const [i, step] of golden.steps.entries()) {
        const x = tensorOf(step.x);
        if (i === 0) {
          (layer.apply(x) as tf.Tensor).dispose();
          const values = [GAMMA, BETA].map((v) => tf.tensor1d(v));
          weight('gamma').write(values[0]!);
          weight('beta').write(values[1]!);
          tf.dispose(values);
        }
        if (golden.dy && i === golden.steps.length - 1)
          await expectGradients(layer, x, golden, call);
        const y = layer.apply(x, call) as tf.Tensor;
        if (step.y) await expectClose(y, step.y.data);
        await expectClose(weight('moving_mean').read(), step.mean.data);
        await expectClose(weight('moving_variance').read(), step.variance.data);
        for (const name of RENORM) {
          expect(weight(name) !== undefined).toBe(step[name] !== undefined);
          if (step[name]) await expectClose(weight(name).read(), step[name].data);
        }
        tf.dispose([x, y]);
      }
      if (golden.inference) {
        const x = tensorOf(golden.steps[0]!.x);
        const y = layer.apply(x) as tf.Tensor;
        await expectClose(y, golden.inference.data);
        tf.dispose([x, y]);
      }
      tf.dispose(Object.values(call).filter((v) => v instanceof tf.Tensor));
      layer.dispose();
    });
  }
});

/** The gradients of Σ y·dy in a call whose update is dropped. */
async function expectGradients(layer: BatchNorm, x: tf.Tensor, golden: Case, call: object) {
  const dy = tensorOf(golden.dy!);
  const input = tf.variable(x);
  const [gamma, beta] = layer.trainableWeights.map((w) => w.read() as tf.Variable);
  const variables = [input, gamma!, beta!];
  const { result, updates } = withUpdates(() =>
    tf.variableGrads(
      () => tf.sum(tf.mul(layer.apply(input, call) as tf.Tensor, dy)) as tf.Scalar,
      variables,
    ),
  );
  updates.dispose();
  for (const [i, expected] of [golden.dx!, golden.dgamma!, golden.dbeta!].entries()) {
    await expectClose(result.grads[variables[i]!.name]!, expected.data, { tolerance: 2e-5 });
  }
  tf.dispose([dy, input, result.value, ...Object.values(result.grads)]);
}
