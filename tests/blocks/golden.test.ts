import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../src/core/steps.js';
import { modelInside } from '../../src/core/walk.js';
import { endPoints, type ResNetArgs, resNetV1, resNetV2 } from '../../src/index.js';
import fixture from '../fixtures/resnet.json' with { type: 'json' };
import { onBackends } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { fillByName, image, seedOf } from './formula.js';

/** A tensor of the other system: its shape, the mean of its absolute values, some of its elements. */
interface Point {
  shape: number[];
  magnitude: number;
  samples: number[];
}

/** One network of another system. */
interface Golden {
  name: string;
  version: 1 | 2;
  options: ResNetArgs;
  /** The trainable parameters and all of them, with 1000 classes. */
  parameters: [number, number] | null;
  results: { size: [number, number]; points: Points }[];
  training?: { size: [number, number]; loss: number; gradients: Points; averages: Points };
}

const cases = fixture as unknown as Golden[];

/** The number of images in a training pass. */
const BATCH = 4;

type Points = Record<string, Point>;

function network({ version, options }: Golden, args: ResNetArgs) {
  const builder = version === 1 ? resNetV1 : resNetV2;
  // Every weight is written; zeros are quick to make.
  const zeros = { kernelInitializer: 'zeros', classifierInitializer: 'zeros' } as const;
  return builder({ ...options, ...zeros, ...args });
}

/** The error of a tensor, relative to the largest of the samples and to the magnitude. */
async function expectPoint(name: string, actual: tf.Tensor, expected: Point): Promise<void> {
  const values = Float32Array.from(await actual.data());
  expect(actual.shape, name).toEqual(expected.shape);
  const magnitude = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
  const scale = Math.max(...expected.samples.map(Math.abs), expected.magnitude);
  const errors = expected.samples.map((e, i) => {
    return e - values[Math.floor((i * values.length) / expected.samples.length)]!;
  });
  const worst = Math.max(...errors.map(Math.abs), Math.abs(expected.magnitude - magnitude));
  expect(worst / scale, `relative error of ${name}`).toBeLessThan(1e-4);
}

/** Runs a model layer by layer: what leaves each of them, those inside blocks too, by name. */
function run(model: tfl.LayersModel, x: tf.Tensor, path = ''): Record<string, tf.Tensor> {
  const tensors = new Map([[model.inputs[0]!, x]]);
  const byName: Record<string, tf.Tensor> = {};
  for (const { layer, inputs, outputs } of stepsOf(model)) {
    const from = inputs.map((input) => tensors.get(input)!);
    const inside = modelInside(layer);
    if (inside) Object.assign(byName, run(inside, from[0]!, `${path}${layer.name}/`));
    const y = layer.apply(from) as tf.Tensor;
    tensors.set(outputs[0]!, y);
    byName[path + layer.name] = y;
  }
  const points = path === '' ? endPoints(model) : {};
  for (const [name, tensor] of Object.entries(points)) byName[name] = tensors.get(tensor)!;
  return byName;
}

onBackends(['wasm'], () => {
  for (const golden of cases) {
    describe(golden.name, { timeout: 300_000 }, () => {
      it('has the same logits and end points at two sizes, within 1e-4', async () => {
        const model = network(golden, { inputShape: [null, null, 3], classes: 10 });
        fillByName(model);
        const tensors = endPoints(model);
        for (const { size, points } of golden.results) {
          const compared = new Set(Object.keys(points).map((name) => tensors[name]));
          const left = Object.keys(tensors).filter((name) => !compared.has(tensors[name]));
          expect(left, 'end points without golden values').toEqual([]);
          const x = image(1, size);
          const actual = tf.tidy(() => run(model, x));
          for (const [name, point] of Object.entries(points)) {
            await expectPoint(name, actual[name]!, point);
          }
          tf.dispose([x, actual]);
        }
        model.dispose();
      });

      const { parameters, training } = golden;
      if (parameters)
        it(`has as many parameters with 1000 classes: ${parameters}`, () => {
          const model = network(golden, { classes: 1000 });
          const count = (weights: tfl.LayerVariable[]) =>
            weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
          expect([count(model.trainableWeights), count(model.weights)]).toEqual(parameters);
          model.dispose();
        });

      if (training)
        it('has the same gradients and moves its averages alike, within 1e-4', async () => {
          const { size, loss, gradients, averages } = training;
          const model = network(golden, { inputShape: [...size, 3], classes: 10 });
          fillByName(model);
          const x = image(BATCH, size);
          const weights = new Map(model.trainableWeights.map((w) => [w.originalName, w.read()]));
          const dy = tf.tensor(Float32Array.from(noise(BATCH * 10, seedOf('loss'))), [BATCH, 10]);
          const { value, grads } = tf.variableGrads(
            () => tf.sum(tf.mul(model.apply(x, { training: true }) as tf.Tensor, dy)),
            [...weights.values()] as tf.Variable[],
          );
          const [actual] = await value.data();
          expect(Math.abs(actual! - loss) / Math.abs(loss)).toBeLessThan(1e-4);
          expect(Object.keys(gradients).sort()).toEqual([...weights.keys()].sort());
          for (const [name, point] of Object.entries(gradients)) {
            await expectPoint(name, grads[(weights.get(name) as tf.Variable).name]!, point);
          }
          for (const [name, point] of Object.entries(averages)) {
            const weight = model.weights.find((w) => w.originalName === name)!;
            await expectPoint(name, weight.read(), point);
          }
          tf.dispose([x, dy, value]);
          tf.dispose(grads);
          model.dispose();
        });
    });
  }
});
