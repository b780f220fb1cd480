// Run in a process of its own, with the number of threads: fills the WASM backend's 4 GiB, then trains
// on. Prints JSON.
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../../src/backend/index.js';
import { Adam, BatchNorm, trainStep } from '../../../src/index.js';

const { threads } = await useBackend({ prefer: 'wasm', threads: Number(process.argv[2]) });
const backend = tf.backend() as unknown as {
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
};
const errors: string[] = [];
async function attempt(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    errors.push((error as Error).message);
    return false;
  }
}

const witnesses = Array.from({ length: 50 }, (_, i) => tf.fill([1000], i));
const kernelInitializer = initializers.heNormal({ seed: 2 });
const convolution = { filters: 16, kernelSize: 3, padding: 'same', kernelInitializer } as const;
const model = sequential({
  layers: [
    layers.conv2d({ ...convolution, inputShape: [28, 28, 8] }),
    new BatchNorm({ activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 1, kernelInitializer }),
  ],
});
const x = tf.randomNormal([64, 28, 28, 8], 0, 1, 'float32', 1);
const optimizer = new Adam({ learningRate: 1e-5 });
const step = () =>
  trainStep(
    optimizer,
    () => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar,
  );
const weights = () => JSON.stringify(model.getWeights().map((w) => Array.from(w.dataSync())));

const losses = [await step()];
const before = { weights: weights(), tensors: tf.memory().numTensors };
// Blocks that are never written to, so that their pages are never really used.
const hold: tf.TensorInfo[] = [];
while (await attempt(() => hold.push(backend.makeOutput([2 ** 26], 'float32'))));
while (await attempt(() => hold.push(backend.makeOutput([2 ** 18], 'float32'))));
await attempt(step);
const intact =
  weights() === before.weights &&
  witnesses.every((t, i) => t.dataSync().every((value) => value === i));
const leaked = tf.memory().numTensors - before.tensors;
for (const { dataId } of hold) tf.backend().disposeData(dataId);
losses.push(await step());
console.log(JSON.stringify({ threads, errors, intact, leaked, losses }));
