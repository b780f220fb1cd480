// Run in a process of its own: fills the WASM backend's 4 GiB, then trains on. Prints JSON.
import * as tf from '@tensorflow/tfjs-core';
import { registerKernels } from '../../../src/kernels/index.js';
import { prepareBackend } from '../../support/environment.js';

await prepareBackend('wasm');
registerKernels();
await tf.setBackend('wasm');
const backend = tf.backend() as unknown as {
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
};
const errors: string[] = [];
function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    errors.push((error as Error).message);
    return false;
  }
}

const witnesses = Array.from({ length: 50 }, (_, i) => tf.fill([1000], i));
const x = tf.randomNormal([64, 28, 28, 8], 0, 1, 'float32', 1) as tf.Tensor4D;
const w = tf.variable(
  tf.randomNormal([3, 3, 8, 16], 0, 1, 'float32', 2),
) as tf.Variable<tf.Rank.R4>;
const optimizer = tf.train.sgd(0.01);
const step = () =>
  optimizer.minimize(() => tf.mean(tf.square(tf.conv2d(x, w, 1, 'same'))) as tf.Scalar, true, [w])!;

const losses = [step().dataSync()[0]!];
// Blocks that are never written to, so that their pages are never really used.
const hold: tf.TensorInfo[] = [];
while (attempt(() => hold.push(backend.makeOutput([2 ** 26], 'float32'))));
while (attempt(() => hold.push(backend.makeOutput([2 ** 18], 'float32'))));
attempt(() => {
  for (;;) hold.push(...tf.tidy(() => [tf.keep(step())]));
});
const intact = witnesses.every((t, i) => t.dataSync().every((value) => value === i));
for (const { dataId } of hold.splice(0)) tf.backend().disposeData(dataId);
losses.push(step().dataSync()[0]!);
console.log(JSON.stringify({ errors, intact, losses }));
