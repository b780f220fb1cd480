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
  goal: number;
}

/** What the callback costs a training at its defaults: epochs with it and without, in turn. */
export async function summaryCost(rounds: number, only: RegExp): Promise<SummaryCostResult[]> {
  if (!only.test(NAME)) return [];
  const restore = registerKernels();
  const folder = mkdtempSync(join(tmpdir(), 'summary-cost-'));
  const x = data([64 * BATCHES, 28, 28, 1]);
  const model = autoencoder();
  model.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
  const epoch = async (callbacks?: TensorBoard) => {
    const start = performance.now();
    await model.fit(x, x, { batchSize: 64, epochs: 1, verbose: 0, callbacks });
    return performance.now() - start;
  };
  await epoch();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    const run = join(folder, `${round}`);
    pairs.push([await epoch(tensorBoard(run, { model })), await epoch()]);
  }
  x.dispose();
  restore();
  rmSync(folder, { recursive: true });
  const [withCallback, without] = [0, 1].map((i) => median(pairs.map((pair) => pair[i]!)));
  const cost = median(pairs.map(([a, b]) => a / b - 1));
  return [{ name: NAME, withCallback: withCallback!, without: without!, cost, goal: 0.05 }];
}
