import { cast, type Optimizer, oneHot, type Tensor, tensor1d, train } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { registerKernels } from '../src/kernels/index.js';
import { Adam } from '../src/train/index.js';
import { median } from './measure.js';
import { autoencoder, data, resNet20 } from './models.js';
import { registerBestStock } from './peers.js';

/** Steps over which the losses of both must agree, which also warm them up. */
const CHECKED = 20;

export interface TrainStepResult {
  name: string;
  /** Milliseconds a step. */
  ours: number;
  stock: number;
  /** Stock over ours. */
  ratio: number;
  goal: number;
  /** The first step of ours, in milliseconds: V8 starts in its baseline compiler. */
  first: number;
  /** The largest relative difference of the losses of the first steps. */
  lossDifference: number;
}

interface Task {
  name: string;
  goal: number;
  model: () => LayersModel;
  x: () => Tensor;
  y: (x: Tensor) => Tensor;
  loss: string;
}

const TASKS: Task[] = [
  {
    name: 'autoencoder 28×28, batch 64',
    goal: 7,
    model: autoencoder,
    x: () => data([64, 28, 28, 1]),
    y: (x) => x,
    loss: 'meanSquaredError',
  },
  {
    name: 'ResNet-20 32×32×3, batch 32',
    goal: 9,
    model: resNet20,
    x: () => data([32, 32, 32, 3]),
    y: () =>
      cast(
        oneHot(
          tensor1d(
            Array.from({ length: 32 }, (_, i) => i % 10),
            'int32',
          ),
          10,
        ),
        'float32',
      ),
    loss: 'categoricalCrossentropy',
  },
];

/** Train steps of stock `tf.layers` models: our kernels, gradients and optimizer against best stock. */
export async function trainSteps(rounds: number, only: RegExp): Promise<TrainStepResult[]> {
  const results: TrainStepResult[] = [];
  for (const { name, goal, model, x, y, loss } of TASKS.filter((task) => only.test(task.name))) {
    const inputs = x();
    const targets = y(inputs);
    const compiled = (optimizer: Optimizer) => {
      const net = model();
      net.compile({ optimizer, loss });
      return net;
    };
    const ours = compiled(new Adam({ learningRate: 1e-3 }));
    const stock = compiled(train.adam(1e-3, 0.9, 0.999, 1e-7));
    stock.setWeights(ours.getWeights());
    // Each takes a few steps in a row, and the first, with the other's data in the caches, doesn't count.
    const steps = async (net: LayersModel, register: () => () => void, count: number) => {
      const restore = register();
      const times: number[] = [];
      const losses: number[] = [];
      for (let i = 0; i < count; i++) {
        const start = performance.now();
        losses.push((await net.trainOnBatch(inputs, targets)) as number);
        times.push(performance.now() - start);
      }
      restore();
      return { times, losses };
    };
    const [ourStart, stockStart] = [
      await steps(ours, registerKernels, CHECKED),
      await steps(stock, registerBestStock, CHECKED),
    ];
    const lossDifference = Math.max(
      ...ourStart.losses.map((value, i) => Math.abs(value / stockStart.losses[i]! - 1)),
    );
    const times: Record<'ours' | 'stock', number[]> = { ours: [], stock: [] };
    for (let round = 0; round < rounds; round++) {
      times.ours.push(...(await steps(ours, registerKernels, 3)).times.slice(1));
      times.stock.push(...(await steps(stock, registerBestStock, 3)).times.slice(1));
    }
    const first = ourStart.times[0]!;
    const [our, best] = [median(times.ours), median(times.stock)];
    results.push({ name, ours: our, stock: best, ratio: best / our, goal, first, lossDifference });
  }
  return results;
}
