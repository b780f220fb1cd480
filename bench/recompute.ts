// What `recompute` saves and costs: a ResNet-50 training step on WASM, with it and without.
//     node tools/run.js bench/recompute.ts [batch] [size]
import '@tensorflow/tfjs-backend-wasm';
import {
  dispose,
  engine,
  losses,
  type NamedTensorMap,
  oneHot,
  randomNormal,
  type Scalar,
  setBackend,
  type Tensor,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { resNetV1 } from '../src/index.js';
import { registerKernels } from '../src/kernels/index.js';

const [batch = 8, size = 224] = process.argv.slice(2).map(Number);
const ROUNDS = 3;

await setBackend('wasm');
await registerKernels();

/** The largest number of bytes of tensors' data at one time while `fn` runs, beside those before. */
function peakOf<T>(fn: () => T): { result: T; peak: number } {
  const owner = engine() as unknown as {
    trackTensor(tensor: Tensor, ...rest: unknown[]): void;
    removeDataId(dataId: object, ...rest: unknown[]): void;
    state: { tensorInfo: WeakMap<object, unknown> };
  };
  const { trackTensor, removeDataId, state } = owner;
  const sizes = new WeakMap<object, number>();
  let [live, peak] = [0, 0];
  owner.trackTensor = (tensor, ...rest) => {
    // Clones and reshaped tensors share the data of another.
    if (!state.tensorInfo.has(tensor.dataId)) {
      sizes.set(tensor.dataId, 4 * tensor.size);
      live += 4 * tensor.size;
      peak = Math.max(peak, live);
    }
    trackTensor.call(owner, tensor, ...rest);
  };
  owner.removeDataId = (dataId, ...rest) => {
    live -= sizes.get(dataId) ?? 0;
    removeDataId.call(owner, dataId, ...rest);
  };
  try {
    return { result: fn(), peak };
  } finally {
    Object.assign(owner, { trackTensor, removeDataId });
  }
}

const x = randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
const labels = tidy(() => oneHot([...Array(batch).keys()], 1000));
const [plain, other] = [false, true].map((recompute) =>
  resNetV1({ recompute, inputShape: [size, size, 3] }),
) as [ReturnType<typeof resNetV1>, ReturnType<typeof resNetV1>];
other.setWeights(plain.getWeights());

interface Run {
  loss: number;
  grads: Float32Array[];
  peak: number;
  seconds: number;
}

async function step(model: typeof plain, keep: boolean): Promise<Run> {
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  const start = performance.now();
  const { result, peak } = peakOf(() =>
    tidy(() =>
      variableGrads(() => {
        const logits = model.apply(x, { training: true }) as Tensor;
        return losses.softmaxCrossEntropy(labels, logits) as Scalar;
      }, variables),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  const grads: NamedTensorMap = result.grads;
  const [loss] = await result.value.data();
  const values = keep ? variables.map((v) => Float32Array.from(grads[v.name]!.dataSync())) : [];
  dispose([result.value, ...Object.values(grads)]);
  return { loss: loss!, grads: values, peak, seconds };
}

/** The largest difference of a gradient, relative to its largest element. */
function difference(a: Float32Array[], b: Float32Array[]): number {
  return Math.max(
    ...a.map((gradient, i) => {
      let [largest, worst] = [0, 0];
      for (const [j, value] of gradient.entries()) {
        largest = Math.max(largest, Math.abs(value));
        worst = Math.max(worst, Math.abs(value - b[i]![j]!));
      }
      return worst / largest;
    }),
  );
}

const first = await step(plain, true);
const second = await step(other, true);
const apart = difference(first.grads, second.grads);
const times: [number, number][] = [];
for (let round = 0; round < ROUNDS; round++) {
  times.push([(await step(plain, false)).seconds, (await step(other, false)).seconds]);
}
const [plainTime, otherTime] = [0, 1].map((i) => Math.min(...times.map((pair) => pair[i]!)));

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const always = plain.countParams() * 4 + x.size * 4;
console.log(`ResNet-50, batch ${batch}, ${size}², WASM: gradients of a training step`);
for (const [name, run, seconds] of [
  ['plain', first, plainTime],
  ['recompute', second, otherTime],
] as const) {
  const peak = megabytes(run.peak + always);
  console.log(
    `${name}: peak ${peak} with weights and images, ${seconds!.toFixed(2)} s, loss ${run.loss}`,
  );
}
const peaks = (second.peak + always) / (first.peak + always);
console.log(`peak × ${peaks.toFixed(3)}, time × ${(otherTime! / plainTime!).toFixed(3)}`);
console.log(`largest relative difference of a gradient: ${apart.toExponential(1)}`);
