// Two threads against one: two processes, one of each, that work in turn while the other sleeps.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  cast,
  conv2d,
  dispose,
  grads,
  oneHot,
  type Tensor,
  type Tensor4D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { useBackend } from '../src/backend/index.js';
import { Adam } from '../src/train/index.js';
import { median } from './measure.js';
import { autoencoder, data, resNet20 } from './models.js';

export interface ThreadsResult {
  name: string;
  /** Milliseconds a step, on one thread and on two. */
  one: number;
  two: number;
  ratio: number;
  /** Of the fastest steps: what other work on the machine disturbs least. */
  bestRatio: number;
  goal: number;
}

const GOALS: [name: string, goal: number][] = [
  ['threads: ResNet-20 step, batch 32', 1.6],
  ['threads: autoencoder step, batch 64', 1.3],
  ['threads: gradients of 3×3, 56×56×64, batch 4', 1.8],
  ['threads: gradients of 3×3 / 2, 56×56×64, batch 4', 1.8],
];

/** Every task whose name matches, on one thread and on two. */
export async function threads(rounds: number, only: RegExp): Promise<ThreadsResult[]> {
  const chosen = GOALS.filter(([name]) => only.test(name));
  if (chosen.length === 0) return [];
  const processes = [1, 2].map((count) => fork(fileURLToPath(import.meta.url), [String(count)]));
  await Promise.all(processes.map(answer));
  const results: ThreadsResult[] = [];
  for (const [name, goal] of chosen) {
    const times: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, process] of processes.entries()) {
        const next = answer(process);
        process.send(name);
        times[i]!.push(...((await next) as number[]));
      }
    }
    const [one, two] = times.map(median) as [number, number];
    const [least1, least2] = times.map((t) => Math.min(...t)) as [number, number];
    results.push({ name, one, two, ratio: one / two, bestRatio: least1 / least2, goal });
  }
  for (const process of processes) process.disconnect();
  return results;
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** In a process of its own: runs the tasks that it is told, and answers with their times. */
async function serve(count: number): Promise<void> {
  const report = await useBackend({ prefer: 'wasm', threads: count });
  if (report.threads !== count) throw new Error(report.whyOneThread);
  const tasks = new Map(GOALS.map(([name], i) => [name, TASKS[i]!()]));
  process.on('message', async (name: string) => {
    const work = tasks.get(name)!;
    const times: number[] = [];
    // The first ones let V8 compile, and fill the caches.
    for (let i = 0; i < 25; i++) {
      const start = performance.now();
      await work();
      if (i >= 22) times.push(performance.now() - start);
    }
    process.send!(times);
  });
  process.send!('ready');
}

const TASKS = [
  () => {
    const net = resNet20();
    net.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'categoricalCrossentropy' });
    const labels = tensor1d(
      Array.from({ length: 32 }, (_, i) => i % 10),
      'int32',
    );
    const [x, y] = [data([32, 32, 32, 3]), cast(oneHot(labels, 10), 'float32')];
    return async () => void (await net.trainOnBatch(x, y));
  },
  () => {
    const net = autoencoder();
    net.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
    const x = data([64, 28, 28, 1]);
    return async () => void (await net.trainOnBatch(x, x));
  },
  () => gradients(1),
  () => gradients(2),
];

function gradients(stride: number) {
  const [x, w] = [data([4, 56, 56, 64], 1), data([3, 3, 64, 64], 2)];
  const dy = data([4, 56 / stride, 56 / stride, 64], 3);
  const f = (a: Tensor, b: Tensor) => conv2d(a as Tensor4D, b as Tensor4D, stride, 'same');
  return async () => dispose(grads(f)([x, w], dy));
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(Number(process.argv[2]));
}
