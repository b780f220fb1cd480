// node tools/run.js bench/inference/index.ts [--threads <n>] [--only <regular expression>] [--rounds <n>]
//   [--python <command>]
// Times predictions at batch 1, on one thread by default, beside ONNX Runtime's, in turn, in one process, and
// then measures each one's memory in a process of its own. Never a test. Needs, once:
//   npm install --prefix bench/inference --ignore-scripts
//   pip install onnx
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../measure.js';
import { CONTENDERS, type Predict, startTfjs, withNetwork } from './contenders.js';
import { describe } from './describe.js';
import { largestMemory, watchMemories } from './memories.js';
import { NETWORKS, type Network } from './models.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '11' },
    threads: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
    /** For a process of its own: the name of one contender. */
    memory: { type: 'string' },
  },
});

const threads = Number(options.threads);
/** The largest part of onnxruntime-web's and of stock's time that is aimed at, on one thread. */
const GOALS: Record<string, { web: number; stock?: number }> = {
  'ResNet-50': { web: 0.45, stock: 0.6 },
  'ResNet-18': { web: 0.5 },
  autoencoder: { web: 0.5 },
};

watchMemories();
await startTfjs(threads);
for (const network of NETWORKS.filter(({ name }) => new RegExp(options.only).test(name))) {
  const folder = here(`../../out/inference/${network.name}`);
  if (options.memory) console.log(JSON.stringify(await memoryOf(network, folder)));
  else await compare(network, folder);
}

async function compare(network: Network, folder: string): Promise<void> {
  withNetwork(network, (model) => {
    describe(model, folder);
    model.dispose();
  });
  execFileSync(options.python, [here('toOnnx.py'), folder], { stdio: 'inherit' });
  const predicts: Predict[] = [];
  for (const { load } of CONTENDERS) predicts.push(await load(network, folder));
  const outputs: Float32Array[] = [];
  const times = predicts.map((): number[] => []);
  // Short ones repeat, so that all see the same state of the machine.
  const repeats = network.name === 'autoencoder' ? 50 : 2;
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, predict] of predicts.entries()) {
      const leave = CONTENDERS[i]!.enter?.();
      outputs[i] = await predict();
      for (let repeat = 0; repeat < repeats; repeat++) {
        const start = performance.now();
        await predict();
        if (round > 1) times[i]!.push(performance.now() - start);
      }
      leave?.();
    }
  }
  const [ours, stock, web] = times.map(median) as [number, number, number];
  const goals: { web: number; stock?: number } = threads > 1 ? { web: 0.5 } : GOALS[network.name]!;
  console.log(
    `\n${network.name}: ${(ours / web).toFixed(2)} of onnxruntime-web (goal ${goals.web}), ` +
      `${(ours / stock).toFixed(2)} of stock (goal ${goals.stock ?? 'none'})`,
  );
  console.table(
    CONTENDERS.map(({ name }, i) => ({
      ...{ name, ms: median(times[i]!).toFixed(3), fastest: Math.min(...times[i]!).toFixed(3) },
      'ours / this': (ours / median(times[i]!)).toFixed(2),
      difference: difference(outputs[i]!, outputs[1]!).toExponential(0),
      ...memoryInProcess(network.name, name),
    })),
  );
}

/** The largest difference, relative to the largest value. */
function difference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) throw new Error('outputs of different size');
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0) / largest;
}

function memoryInProcess(network: string, contender: string) {
  const self = fileURLToPath(import.meta.url);
  const args = [
    self,
    '--threads',
    options.threads,
    '--only',
    `^${network}$`,
    '--memory',
    contender,
  ];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1)!) as object;
}

async function memoryOf(network: Network, folder: string) {
  const { load, enter } = CONTENDERS.find(({ name }) => name === options.memory)!;
  enter?.();
  const predict = await load(network, folder);
  for (let i = 0; i < 3; i++) await predict();
  const { maxRSS } = process.resourceUsage();
  const native = options.memory === 'onnxruntime-node';
  return {
    'WASM MiB': native ? '' : largestMemory().toFixed(0),
    'process MiB': (maxRSS / 1024).toFixed(0),
  };
}
