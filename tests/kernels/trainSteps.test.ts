import { setBackend, type Tensor, tensor, util } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { followed, leftAlone } from '../../bench/agreement.js';
import { data } from '../../bench/models.js';
import { TASKS, type Task } from '../../bench/tasks.js';
import { prepareBackend } from '../support/environment.js';

/** Less than in the bench, to save time; layers and sizes are the same. */
const BATCH = 8;

/** Glorot's uniform start for kernels, the same in every run; what a layer sets to 0 or 1 stays. */
function start(weights: Tensor[]): Tensor[] {
  return weights.map((weight, i) => {
    if (weight.rank < 2) return weight;
    const [inputs, outputs] = weight.shape.slice(-2) as [number, number];
    const fan = ((inputs + outputs) * weight.size) / (inputs * outputs);
    const values = data([util.sizeFromShape(weight.shape)], i + 1).dataSync();
    return tensor(
      values.map((u) => (2 * u - 1) * Math.sqrt(6 / fan)),
      weight.shape,
    );
  });
}

beforeAll(async () => {
  await prepareBackend('wasm');
  await setBackend('wasm');
});

const begin = (task: Task) => [task, task.x(BATCH), start(task.model().getWeights())] as const;
const nameOf = ({ name }: Task) => name.split(' ')[0]!;

// With steps of the usual size any two orders of summation go apart when they are left to themselves:
// docs/speed.md. So each step begins with stock's state. The largest differences are some 1e-5 of the losses, and
// 1e-6 of the outputs.
describe('20 steps of training, each from the state of best stock', () => {
  it.each(TASKS.map((task) => [nameOf(task), task] as const))(
    '%s: losses and outputs agree to 1e-4',
    async (_, task) => {
      const { losses, outputs } = await followed(...begin(task), 20);
      expect(losses).toBeLessThan(1e-4);
      expect(outputs).toBeLessThan(1e-4);
    },
    // Most of it is stock's own time.
    300_000,
  );
});

/** Steps that do not magnify the last bit, and still train. */
const SHORT: Record<string, number> = { autoencoder: 1e-4, 'ResNet-20': 1e-5 };

describe('20 short steps of training, beside 20 of best stock', () => {
  it.each(TASKS.map((task) => [nameOf(task), task] as const))(
    '%s: losses and outputs agree to 1e-4',
    async (name, task) => {
      const steps = { count: 20, learningRate: SHORT[name]! };
      const { losses, outputs, left } = await leftAlone(...begin(task), steps);
      expect(losses).toBeLessThan(1e-4);
      expect(outputs).toBeLessThan(1e-4);
      expect(left).toBeLessThan(0.9);
    },
    300_000,
  );
});
