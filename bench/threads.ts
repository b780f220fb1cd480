// Two threads against one, in one process, in turn: a few steps on either. Two virtual cores are seldom twice the
// first: the other one is slower while a neighbour computes on its hyperthread, or both are hyperthreads of one core.
// So a product that stays in the caches runs before, between and after, and tells how much two cores are at that time.
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
import { Adam, planTraining } from '../src/train/index.js';
import { median, timed } from './measure.js';
import { data } from './models.js';
import { TASKS, type Task } from './tasks.js';

export interface ThreadsResult {
  name: string;
  /** Milliseconds a step, on one thread and on two. */
  one: number;
  two: number;
  ratio: number;
  /** How many times as fast the calibration was on two threads. */
  cores: number;
  /** What the ratio would be on two cores that are twice one: the median of rounds. */
  ofTwoCores: number;
  /** Rounds during which the machine stayed what it was, and all. */
  counted: number;
  tried: number;
  goal: number;
}

/** Steps that let V8 compile, and fill the caches. */
const WARM_UP = 100;
/** Steps of a round on either number of threads; the first finds the other thread asleep, or its cache elsewhere. */
const STEPS = 3;
/** Less than so many times as fast as on one thread, the calibration isn't on two cores. */
const TWO_CORES = 1.5;
/** A round counts while the calibrations in it differ by no more than this. */
const STEADY = 1.1;
/** Rounds are short, since what the machine is changes within a second; so there are so many times as many. */
const SHORT = 3;
/** So many times as many are tried, at most, until enough count. */
const PATIENCE = 4;

const { threshold } = sharing;

/** Every task whose name matches `only`, until `rounds` rounds count. */
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
  const enough = SHORT * rounds;
  const calibration = product();
  for (let i = 0; i < WARM_UP; i++) calibration();
  const results: ThreadsResult[] = [];
  for (const { name, goal, prepare } of chosen) {
    const work = prepare();
    for (const threads of [1, 2] as const) {
      use(threads);
      for (let i = 0; i < WARM_UP; i++) await work[threads]();
    }
    const counted: Round[] = [];
    let tried = 0;
    for (; counted.length < enough && tried < PATIENCE * enough; tried++) {
      const round = await inTurn(work, calibration);
      if (isSteady(round)) counted.push(round);
    }
    results.push({ name, ...mediansOf(counted), counted: counted.length, tried, goal });
  }
  return results;
}

interface Round {
  /** Milliseconds of each step. */
  one: number[];
  two: number[];
  /** How many times as fast the calibration was on two threads, before, between and after. */
  cores: number[];
}

function isSteady({ cores }: Round): boolean {
  const least = Math.min(...cores);
  return least >= TWO_CORES && Math.max(...cores) <= STEADY * least;
}

async function inTurn(work: Runs, calibration: () => void): Promise<Round> {
  const before = coresOf(calibration);
  const one = await steps(work, 1);
  const between = coresOf(calibration);
  const two = await steps(work, 2);
  return { one, two, cores: [before, between, coresOf(calibration)] };
}

async function steps(work: Runs, threads: 1 | 2): Promise<number[]> {
  const times: number[] = [];
  use(threads);
  for (let i = 0; i < STEPS; i++) {
    const start = performance.now();
    await work[threads]();
    if (i > 0) times.push(performance.now() - start);
  }
  use(2);
  return times;
}

function coresOf(calibration: () => void): number {
  const [one, two] = ([1, 2] as const).map((threads) => {
    use(threads);
    return timed(calibration);
  });
  return one! / two!;
}

/** Leaves the other thread out, or not. */
function use(threads: 1 | 2): void {
  sharing.threshold = threads === 1 ? Number.POSITIVE_INFINITY : threshold;
}

function mediansOf(rounds: Round[]) {
  const one = median(rounds.flatMap((round) => round.one));
  const two = median(rounds.flatMap((round) => round.two));
  const cores = median(rounds.map((round) => median(round.cores)));
  const ofTwoCores = median(
    rounds.map((round) => (2 * median(round.one)) / median(round.two) / median(round.cores)),
  );
  return { one, two, ratio: one / two, cores, ofTwoCores };
}

/** The same work on either number of threads; a plan keeps to the number that it was made with. */
type Runs = Record<1 | 2, () => Promise<void>>;

interface Work {
  name: string;
  goal: number;
  prepare: () => Runs;
}

const [digits, images] = TASKS;
const WORK: Work[] = [
  { name: 'threads: ResNet-20 step, batch 32', goal: 1.6, prepare: training(images!, true) },
  { name: 'threads: ResNet-20 step without a plan', goal: 1.6, prepare: training(images!) },
  { name: 'threads: autoencoder step, batch 64', goal: 1.3, prepare: training(digits!, true) },
  { name: 'threads: autoencoder step without a plan', goal: 1.3, prepare: training(digits!) },
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
  const [a, b] = [data([640, 640], 1) as Tensor2D, data([640, 640], 2) as Tensor2D];
  return () => dispose(matMul(a, b));
}

function training({ model, x, y, loss }: Task, planned = false) {
  return (): Runs => {
    const inputs = x();
    const targets = y(inputs);
    const [one, two] = [1, 2].map(() => {
      const net = model();
      net.compile({ optimizer: new Adam({ learningRate: 1e-3 }), loss });
      if (planned) planTraining(net);
      return async () => void (await net.trainOnBatch(inputs, targets));
    });
    return { 1: one!, 2: two! };
  };
}

function gradients(stride: number): Runs {
  const [x, w] = [data([4, 56, 56, 64], 1), data([3, 3, 64, 64], 2)];
  const dy = data([4, 56 / stride, 56 / stride, 64], 3);
  const f = (a: Tensor, b: Tensor) => conv2d(a as Tensor4D, b as Tensor4D, stride, 'same');
  const run = async () => dispose(grads(f)([x, w], dy));
  return { 1: run, 2: run };
}
