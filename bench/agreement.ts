import {
  abs,
  dispose,
  div,
  max,
  type Optimizer,
  sub,
  type Tensor,
  tidy,
  train,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { registerKernels } from '../src/kernels/index.js';
import { Adam } from '../src/train/index.js';
import { registerBestStock } from './peers.js';
import type { Task } from './tasks.js';

/** The largest of |aᵢ / bᵢ − 1|; NaN where one is. */
export function largestDifference(a: number[], b: number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value / b[i]! - 1)));
}

/**
 * Takes steps with best stock, and each of them from the same weights and the same state of the optimizer
 * with ours. Returns the largest relative differences of the losses, and of the predictions before each
 * step: max |a − b| over the largest value.
 */
export async function followed(
  { model, y, loss }: Pick<Task, 'model' | 'y' | 'loss'>,
  x: Tensor,
  weights: Tensor[],
  count: number,
): Promise<{ losses: number; outputs: number }> {
  const stock = { net: model(), optimizer: train.adam(1e-3, 0.9, 0.999, 1e-7) };
  const ours = { net: model(), optimizer: new Adam({ learningRate: 1e-3 }) };
  for (const { net, optimizer } of [stock, ours]) net.compile({ optimizer, loss });
  stock.net.setWeights(weights);
  const targets = y(x);
  const take = async (net: LayersModel, register: () => () => void) => {
    const restore = register();
    const output = net.predict(x) as Tensor;
    const lossOfStep = (await net.trainOnBatch(x, targets)) as number;
    restore();
    return { output, lossOfStep };
  };
  const [losses, outputs]: [number[], number[]] = [[], []];
  for (let step = 0; step < count; step++) {
    ours.net.setWeights(stock.net.getWeights());
    if (step > 0) await ours.optimizer.setWeights(await stock.optimizer.getWeights());
    const our = await take(ours.net, registerKernels);
    const their = await take(stock.net, registerBestStock);
    losses.push(largestDifference([our.lossOfStep], [their.lossOfStep]));
    outputs.push(outputDifference(our.output, their.output));
  }
  return { losses: Math.max(...losses), outputs: Math.max(...outputs) };
}

/**
 * Takes steps with best stock and as many with ours, from the same weights and then each from its own. Returns
 * the largest relative difference of the losses, that of the predictions after the last step, and the share of the
 * first loss that is left in the last.
 */
export async function leftAlone(
  { model, y, loss }: Pick<Task, 'model' | 'y' | 'loss'>,
  x: Tensor,
  weights: Tensor[],
  { count, learningRate }: { count: number; learningRate: number },
): Promise<{ losses: number; outputs: number; left: number }> {
  const targets = y(x);
  const take = async (optimizer: Optimizer, register: () => () => void) => {
    const restore = register();
    const net = model();
    net.compile({ optimizer, loss });
    net.setWeights(weights);
    const losses: number[] = [];
    for (let i = 0; i < count; i++) losses.push((await net.trainOnBatch(x, targets)) as number);
    const output = net.predict(x) as Tensor;
    restore();
    return { losses, output };
  };
  const our = await take(new Adam({ learningRate }), registerKernels);
  const their = await take(train.adam(learningRate, 0.9, 0.999, 1e-7), registerBestStock);
  return {
    losses: largestDifference(our.losses, their.losses),
    outputs: outputDifference(our.output, their.output),
    left: our.losses.at(-1)! / our.losses[0]!,
  };
}

/** max |a − b| over the largest of b; both are disposed of. */
function outputDifference(a: Tensor, b: Tensor): number {
  const difference = tidy(() => div(max(abs(sub(a, b))), max(abs(b))).dataSync()[0]!);
  dispose([a, b]);
  return difference;
}
