import { clone, type Optimizer, reverse, type Tensor, train } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { registerKernels } from '../src/kernels/index.js';
import { Adam, planTraining } from '../src/train/index.js';
import { followed, largestDifference } from './agreement.js';
import { median } from './measure.js';
import { registerBestStock } from './peers.js';
import { TASKS } from './tasks.js';

/** Steps over which the losses of both are compared, which also warm them up. */
const CHECKED = 20;

export interface TrainStepResult {
  name: string;
  /** Milliseconds a step; `planned` is ours by a plan. */
  ours: number;
  planned: number;
  stock: number;
  /** Stock over ours. */
  ratio: number;
  goal: number;
  /** The first step of ours, in milliseconds: V8 starts in its baseline compiler. */
  first: number;
  /** The largest relative differences of the losses of the first steps: each from the same state … */
  stepDifference: number;
  /** … each side from its own state … */
  lossDifference: number;
  /** … and so stock from itself, with the images of the batch in another order. */
  stockAlone: number;
}

/** Train steps of stock `tf.layers` models: our kernels, gradients and optimizer against best stock. */
export async function trainSteps(rounds: number, only: RegExp): Promise<TrainStepResult[]> {
  const results: TrainStepResult[] = [];
  for (const task of TASKS.filter(({ name }) => only.test(name))) {
    const { name, goal, model, x, y, loss } = task;
    const inputs = x();
    const targets = y(inputs);
    const compiled = (optimizer: Optimizer) => {
      const net = model();
      net.compile({ optimizer, loss });
      return net;
    };
    const byStock = () => compiled(train.adam(1e-3, 0.9, 0.999, 1e-7));
    const ours = compiled(new Adam({ learningRate: 1e-3 }));
    const planned = compiled(new Adam({ learningRate: 1e-3 }));
    planTraining(planned);
    const [stock, reordered] = [byStock(), byStock()];
    const start = ours.getWeights().map((weight) => clone(weight));
    for (const net of [planned, stock, reordered]) net.setWeights(start);
    // Each takes a few steps in a row, and the first, with the other's data in the caches, doesn't count.
    const steps = async (
      net: LayersModel,
      register: () => () => void,
      count: number,
      order = (batch: Tensor) => batch,
    ) => {
      const restore = register();
      const [images, answers] = [order(inputs), order(targets)];
      const times: number[] = [];
      const losses: number[] = [];
      for (let i = 0; i < count; i++) {
        const start = performance.now();
        losses.push((await net.trainOnBatch(images, answers)) as number);
        times.push(performance.now() - start);
      }
      restore();
      return { times, losses };
    };
    const [ourStart, stockStart, reorderedStart] = [
      await steps(ours, registerKernels, CHECKED),
      await steps(stock, registerBestStock, CHECKED),
      await steps(reordered, registerBestStock, CHECKED, (batch) => reverse(batch, 0)),
    ];
    const plannedStart = await steps(planned, registerKernels, CHECKED);
    if (String(plannedStart.losses) !== String(ourStart.losses)) {
      throw new Error(`${name}: a plan has other losses`);
    }
    const lossDifference = largestDifference(ourStart.losses, stockStart.losses);
    const stockAlone = largestDifference(reorderedStart.losses, stockStart.losses);
    const stepDifference = (await followed(task, inputs, start, CHECKED)).losses;
    const times: Record<'ours' | 'planned' | 'stock', number[]> = {
      ...{ ours: [], planned: [], stock: [] },
    };
    for (let round = 0; round < rounds; round++) {
      times.ours.push(...(await steps(ours, registerKernels, 3)).times.slice(1));
      times.planned.push(...(await steps(planned, registerKernels, 3)).times.slice(1));
      times.stock.push(...(await steps(stock, registerBestStock, 3)).times.slice(1));
    }
    const first = ourStart.times[0]!;
    const [our, best] = [median(times.ours), median(times.stock)];
    results.push({
      ...{ name, ours: our, stock: best, ratio: best / our, goal, first },
      planned: median(times.planned),
      ...{ stepDifference, lossDifference, stockAlone },
    });
  }
  return results;
}
