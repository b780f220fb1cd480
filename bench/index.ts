// npm run bench -- [--json] [--only <regular expression>] [--rounds <n>] [--without-fma] [--chromium]
// Times our kernels beside stock's and the machine's limits, in turn, in one process. Never a test. With
// --chromium, two threads beside one in Chromium, and nothing else.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { setFma } from '../src/kernels/runtime/fma.js';
import { inChromium } from './chromium.js';
import { type KernelResult, kernels } from './kernels.js';
import { limits } from './limits.js';
import { type SummaryCostResult, summaryCost } from './summaryCost.js';
import { type ThreadsResult, threads } from './threads.js';
import { type TrainStepResult, trainSteps } from './trainSteps.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '9' },
    'without-fma': { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
  },
});
const only = new RegExp(values.only, 'i');
const rounds = Number(values.rounds);
if (values['without-fma']) setFma(false);

if (values.chromium) {
  const call = `threads(${rounds}, ${JSON.stringify(values.only)}, { wasmPaths: '/' })`;
  const results = await inChromium<ThreadsResult[]>('threads.ts', call);
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else console.table(results.map(threadsRow));
} else await inNode();

async function inNode(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(entry.slice(0, entry.lastIndexOf('/') + 1));
  await setBackend('wasm');
  const machine = await limits();
  const results = {
    limits: {
      gflops: machine.product() / 1e6,
      fusedGflops: machine.fusedProduct && machine.fusedProduct() / 1e6,
      copyGBs: machine.copy(2e6) / 1e6,
    },
    kernels: kernels(machine, rounds, only),
    trainSteps: await trainSteps(rounds, only),
    summaryCost: await summaryCost(rounds, only),
    threads: await threads(rounds, values.only),
  };
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else print(results);
}

interface Results {
  limits: { gflops: number; fusedGflops: number | undefined; copyGBs: number };
  kernels: KernelResult[];
  trainSteps: TrainStepResult[];
  summaryCost: SummaryCostResult[];
  threads: ThreadsResult[];
}

function print({ limits, kernels, trainSteps, summaryCost, threads }: Results): void {
  const { gflops, fusedGflops, copyGBs } = limits;
  const fused = fusedGflops ? ` (${fusedGflops.toFixed(1)} with fused multiply-add)` : '';
  console.log(
    `limits now: ${gflops.toFixed(1)} GFLOP/s${fused}, copy ${copyGBs.toFixed(1)} GB/s\n`,
  );
  console.table(kernels.map(kernelRow));
  console.table(trainSteps.map(stepRow));
  console.table(summaryCost.map(costRow));
  console.table(threads.map(threadsRow));
}

function costRow({ name, withCallback, without, cost, processorCost, goal }: SummaryCostResult) {
  return {
    ...{ summaries: name, ms: withCallback.toFixed(0), without: without.toFixed(0) },
    cost: `${(100 * cost).toFixed(1)} %`,
    'of processor time': `${(100 * processorCost).toFixed(1)} %`,
    goal: `${100 * goal} %${cost > goal ? ' short' : ''}`,
  };
}

function threadsRow({ name, one, two, ratio, counted, tried, goal, ...rest }: ThreadsResult) {
  const { cores, ofTwoCores } = rest;
  if (counted === 0) return { work: name.replace('threads: ', ''), goal: 'never two cores' };
  return {
    ...{ work: name.replace('threads: ', ''), '1 thread': one.toFixed(1), 2: two.toFixed(1) },
    ...{ faster: `${ratio.toFixed(2)} ×`, 'a product': `${cores.toFixed(2)} ×` },
    'of two whole cores': `${ofTwoCores.toFixed(2)} ×`,
    rounds: `${counted} of ${tried}`,
    goal: `${goal} ×${ofTwoCores < goal ? ' short' : ''}`,
  };
}

function kernelRow({ kernel, shape, ours, stock, composed, ...rest }: KernelResult) {
  const { share, goal, why, difference } = rest;
  const short = why ? ` short: ${why}` : ' short';
  return {
    ...{ kernel, shape, ms: ours.toFixed(3) },
    ...{ '× stock': stock?.toFixed(1), '× composed': composed?.toFixed(1) },
    'of limit': `${(100 * share).toFixed(0)} %`,
    goal: `${(100 * goal).toFixed(0)} %${share < goal ? short : ''}`,
    difference: difference?.toExponential(0),
  };
}

function stepRow({ name, ours, planned, stock, ratio, goal, first, ...rest }: TrainStepResult) {
  const { stepDifference, lossDifference, stockAlone } = rest;
  return {
    ...{ 'train step': name, ms: ours.toFixed(1), 'best stock': stock.toFixed(1) },
    faster: `${ratio.toFixed(1)} ×`,
    goal: `${goal} ×${ratio < goal ? ' short' : ''}`,
    'by a plan': `${planned.toFixed(1)} ms, ${(stock / planned).toFixed(1)} ×`,
    ...{
      'first step': first.toFixed(0),
      'loss of a step differs': stepDifference.toExponential(0),
    },
    'after 20': lossDifference.toExponential(0),
    "stock's own": stockAlone.toExponential(0),
  };
}
