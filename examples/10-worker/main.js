// @ts-check
// Trains in a worker, so that the main thread goes on answering: how long it was deaf, next to training
// on the main thread itself. The weights come back as a file, without a copy.
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { useBackend } from 'tfjs-blocks/backend';
import { loadWeights } from 'tfjs-blocks/weights';
import { makeClassifier, trainClassifier } from '../shared/classifier.js';
import { accuracy, digitTensors } from '../shared/digits.js';
import { short } from '../shared/options.js';
import { pausesOf } from '../shared/pauses.js';
import { progress } from '../shared/progress.js';
import { printTable } from '../shared/table.js';

const steps = short ? 40 : 300;

await useBackend({ prefer: 'wasm' });
const { heldOut } = await digitTensors(4000);

/** @typedef {(afterStep: () => void) => Promise<number>} Training to the held-out accuracy */

/** @type {Training} */
const inWorker = async (afterStep) => {
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: steps });
  /** @type {Uint8Array} */
  const bytes = await new Promise((resolve, reject) => {
    worker.on('error', reject).on('message', (message) => {
      if (message === 'step') afterStep();
      else resolve(message);
    });
  });
  const model = makeClassifier();
  await loadWeights(model, bytes);
  return accuracy(model, heldOut);
};

/** @type {Record<string, Training>} */
const places = {
  'on the main thread': async (afterStep) => (await trainClassifier(steps, afterStep)).accuracy,
  'the same, a breath after each step': async (afterStep) => {
    const breathe = () => {
      afterStep();
      return setImmediate();
    };
    return (await trainClassifier(steps, breathe)).accuracy;
  },
  'in a worker': inWorker,
};

const rows = [];
for (const [place, training] of Object.entries(places)) {
  const bar = progress(place.padEnd(34), steps);
  const { result, answers, longest, took } = await pausesOf((working) =>
    training(() => {
      working();
      bar.step();
    }),
  );
  bar.end(`${(took / 1000).toFixed(1)} s`);
  rows.push([place, `${longest.toFixed(0)} ms`, answers, `${(100 * result).toFixed(1)} %`]);
}
printTable(['training', 'longest pause', 'answers', 'held-out digits'], rows);
