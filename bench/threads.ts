// Two threads against one, in one process: every second step leaves the other thread out.
import {
  conv2d,
  dispose,
  engine,
  grads,
  matMul,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { useBackend } from '../src/backend/index.js';
import { sharing } from '../src/kernels/runtime/functions.js';
import { Adam } from '../src/train/index.js';
import { median } from './measure.js';
import { data } from './models.js';
import { TASKS, type Task } from './tasks.js';

export interface ThreadsResult {
  name: string;
  /** Milliseconds a step, on one thread and on two. */
  one: number;
  two: number;
  ratio: number;
  /** Of the fastest steps: what other work on the machine disturbs least. */
  bestRatio: number;
  /** The calibration has none. */
  goal: number | undefined;
}

/** Steps that let V8 compile, and fill the caches. */
const WARM_UP = 25;
const STEPS_PER_ROUND = 5;

/** Every task whose name matches `only`, on one thread and on two in turn. */
export async function threads(
  rounds: number,
  only: string,
  options: { wasmPaths?: string } = {},
): Promise<ThreadsResult[]> {
  const chosen = WORK.filter(({ name }) => new RegExp(only, 'i').test(name));
  if (chosen.length === 0) return [];
  // On a backend of its own, whose memory is shared.
  engine().reset();
  const report = await useBackend({ prefer: 'wasm', threads: 2, ...options });
  if (report.threads !== 2) throw new Error(report.whyOneThread);
  const { threshold } = sharing;
  const results: ThreadsResult[] = [];
  for (const { name, goal, prepare } of chosen) {
    const work = prepare();
    for (let i = 0; i < WARM_UP; i++) await work();
    const times: [one: number[], two: number[]] = [[], []];
    for (let i = 0; i < 2 * rounds * STEPS_PER_ROUND; i++) {
      sharing.threshold = i % 2 === 0 ? Number.POSITIVE_INFINITY : threshold;
      const start = performance.now();
      await work();
      times[i % 2]!.push(performance.now() - start);
    }
    sharing.threshold = threshold;
    const [one, two] = times.map(median) as [number, number];
    const [least1, least2] = times.map((t) => Math.min(...t)) as [number, number];
    results.push({ name, one, two, ratio: one / two, bestRatio: least1 / least2, goal });
  }
  return results;
}

interface Work {
  name: string;
  goal?: number;
  prepare: () => () => Promise<void>;
}

const [digits, images] = TASKS;
const WORK: Work[] = [
  // What the second core gives at this moment: products that stay in the caches.
  { name: 'threads: product 512×512×512, the calibration', prepare: product },
  { name: 'threads: ResNet-20 step, batch 32', goal: 1.6, prepare: training(images!) },
  { name: 'threads: autoencoder step, batch 64', goal: 1.3, prepare: training(digits!) },
  {
    name: 'threads: gradients of 3×3, 56×56×64, batch 4',
    goal: 1.8,
    prepare: () => gradients(1),
  },
  {
    name: 'threads: gradients of 3×3 / 2, 56×56×64, batch 4',
    goal: 1.8,
    prepare: () => gradients(2),
  },
];

function product() {
  const [a, b] = [data([512, 512], 1) as Tensor2D, data([512, 512], 2) as Tensor2D];
  return async () => dispose(matMul(a, b));
}

function training({ model, x, y, loss }: Task) {
  return () => {
    const net = model();
    net.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss });
    const inputs = x();
    const targets = y(inputs);
    return async () => void (await net.trainOnBatch(inputs, targets));
  };
}

function gradients(stride: number) {
  const [x, w] = [data([4, 56, 56, 64], 1), data([3, 3, 64, 64], 2)];
  const dy = data([4, 56 / stride, 56 / stride, 64], 3);
  const f = (a: Tensor, b: Tensor) => conv2d(a as Tensor4D, b as Tensor4D, stride, 'same');
  return async () => dispose(grads(f)([x, w], dy));
}
