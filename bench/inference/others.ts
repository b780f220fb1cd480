// node tools/run.js bench/inference/others.ts [--rounds <n>]
// Models that others made and ship inside an npm package (nsfwjs, MIT): a MobileNetV2 and an InceptionV3
// with their batch normalisations. Fuses each, fails unless the outputs are equal, and times it beside
// the unfused one, on our kernels and on stock's. Downloads the package, 25 MB, the first time.
import { parseArgs } from 'node:util';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fuse } from '../../src/inference/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { installOthers, loadOther, OTHERS } from '../../tests/inference/others/load.js';
import { median } from '../measure.js';
import { data } from '../models.js';
import { startTfjs } from './contenders.js';

const TOLERANCE = 1e-4;

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });

installOthers();
await startTfjs();
for (const { name } of OTHERS) {
  const model = await loadOther(name);
  const { model: fast, fused, kept } = fuse(model);
  const x = data([1, ...model.inputs[0]!.shape.slice(1)] as number[]);
  const ways = {
    'fused, our kernels': () => withKernels(() => read(fast, x)),
    'as it is, our kernels': () => withKernels(() => read(model, x)),
    'fused, stock kernels': () => read(fast, x),
    'as it is, stock kernels': () => read(model, x),
  };
  const times = Object.values(ways).map((): number[] => []);
  const outputs: Float32Array[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, predict] of Object.values(ways).entries()) {
      outputs[i] = predict();
      const start = performance.now();
      predict();
      if (round > 0) times[i]!.push(performance.now() - start);
    }
  }
  const differences = outputs.map((y) => difference(y, outputs[3]!));
  const norms = fused.filter(({ layer }) => /bn|batch_?norm/i.test(layer)).length;
  console.log(
    `\n${name}: ${model.layers.length} layers → ${fast.layers.length}, ${norms} norms fused`,
  );
  for (const { layer, reason } of kept) console.log(`  ${layer} stays: ${reason}`);
  console.table(
    Object.keys(ways).map((way, i) => ({
      ...{ way, ms: median(times[i]!).toFixed(1) },
      'fused / this': (median(times[0]!) / median(times[i]!)).toFixed(2),
      difference: differences[i]!.toExponential(0),
    })),
  );
  if (!differences.every((d) => d < TOLERANCE)) throw new Error(`${name}: outputs differ`);
  if (median(times[0]!) > median(times[3]!)) throw new Error(`${name}: fused is slower`);
}

function withKernels<T>(work: () => T): T {
  const restore = registerKernels({ threads: 1 });
  try {
    return work();
  } finally {
    restore();
  }
}

function read(model: LayersModel, x: Tensor): Float32Array {
  const y = model.predict(x) as Tensor;
  const values = y.dataSync() as Float32Array;
  y.dispose();
  return values;
}

function difference(actual: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0) / largest;
}
