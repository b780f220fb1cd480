import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerKernels } from '../src/kernels/index.js';
import { type TensorBoard, tensorBoard } from '../src/summary/index.js';
import { Adam } from '../src/train/index.js';
import { median } from './measure.js';
import { autoencoder, data } from './models.js';

const NAME = 'tensorBoard callback, digits autoencoder';
const BATCHES = 30;

export interface SummaryCostResult {
  name: string;
  /** Milliseconds of an epoch of 30 batches of 64, with the callback at its defaults and without. */
  withCallback: number;
  without: number;
  /** The median over the rounds of what an epoch with it takes longer, as a share. */
  cost: number;
  /** The same of the processor's time, which other work on the machine doesn't lengthen. */
  processorCost: number;
  goal: number;
}

/** Milliseconds that have passed, and that processors have worked. */
interface Times {
  wall: number;
  processor: number;
}

/** What the callback costs a training at its defaults: epochs with it and without, in turn. */
export async function summaryCost(rounds: number, only: RegExp): Promise<SummaryCostResult[]> {
  if (!only.test(NAME)) return [];
  const restore = registerKernels();
  const folder = mkdtempSync(join(tmpdir(), 'summary-cost-'));
  const x = data([64 * BATCHES, 28, 28, 1]);
  const model = autoencoder();
  model.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
  const epoch = async (callbacks?: TensorBoard): Promise<Times> => {
    const start = performance.now();
    const before = process.cpuUsage();
    await model.fit(x, x, { batchSize: 64, epochs: 1, verbose: 0, callbacks });
    const { user, system } = process.cpuUsage(before);
    return { wall: performance.now() - start, processor: (user + system) / 1000 };
  };
  await epoch();
  const pairs: [withIt: Times, without: Times][] = [];
  for (let round = 0; round < rounds; round++) {
    const board = () => tensorBoard(join(folder, `${round}`), { model });
    // Each goes first in every other round.
    const first = await epoch(round % 2 ? undefined : board());
    const second = await epoch(round % 2 ? board() : undefined);
    pairs.push(round % 2 ? [second, first] : [first, second]);
  }
  x.dispose();
  restore();
  rmSync(folder, { recursive: true });
  const [withCallback, without] = [0, 1].map((i) => median(pairs.map((pair) => pair[i]!.wall)));
  const costOf = (time: keyof Times) => median(pairs.map(([a, b]) => a[time] / b[time] - 1));
  return [
    {
      ...{ name: NAME, withCallback: withCallback!, without: without! },
      ...{ cost: costOf('wall'), processorCost: costOf('processor'), goal: 0.05 },
    },
  ];
}
