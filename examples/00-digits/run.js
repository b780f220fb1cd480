// @ts-check
import '@tensorflow/tfjs-backend-cpu';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { checkBatchNorm } from 'tfjs-blocks';
import { useBackend } from 'tfjs-blocks/backend';
import { curves } from './curves.js';
import { firstByDigit, loadDigits } from './data.js';
import { inFolder } from './files.js';
import { makeAutoencoder } from './model.js';
import { UsageError } from './options.js';
import { COLUMNS, grid } from './pictures.js';
import { reconstruct, trainModel } from './train.js';

/**
 * The whole job: data, training, saving and loading again, pictures.
 *
 * @param {ReturnType<typeof import('./options.js').readOptions>} options
 */
export async function run({ backend, out, images, ...options }) {
  // Before the training, which would have been for nothing.
  await mkdir(out, { recursive: true }).catch(({ message }) => {
    throw new UsageError(`--out ${out} fails: ${message}`);
  });
  const { name, kernels, threads, tried } = await useBackend({ prefer: backend });
  if (name !== backend) throw new UsageError(`--backend ${backend} fails: ${tried[0].why}`);
  const { train, heldOut } = await loadDigits(images);
  console.log(`${train.count} digits to train with, ${heldOut.count} held out`);
  console.log(`${name}, ${kernels} kernels, ${threads} thread${threads === 1 ? '' : 's'}\n`);

  const model = makeAutoencoder();
  const losses = await trainModel(model, train, heldOut, options);
  console.log(`\n${explain(losses, options.updates)}`);
  for (const { layer, problem } of await checkBatchNorm(model)) {
    console.log(`  ${layer}: ${problem}`);
  }

  const folder = join(out, 'model');
  await model.save(inFolder(folder));
  const originals = firstByDigit(heldOut, 3 * COLUMNS);
  const reconstructions = await reconstruct(model, originals);
  const loaded = await tfl.loadLayersModel(inFolder(folder));
  const again = await reconstruct(loaded, originals);
  if (again.some((value, i) => value !== reconstructions[i])) {
    throw new Error('The loaded model reconstructs something else than the saved one');
  }
  console.log('The saved model, loaded again, reconstructs exactly the same.\n');

  const files = {
    'reconstructions.png': grid(originals, reconstructions),
    'loss.svg': curves(losses),
  };
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(out, file), content);
    console.log(join(out, file));
  }
  console.log(folder);
}

/**
 * @param {import('./train.js').Losses} losses
 * @param {boolean} updates
 */
function explain({ epochs }, updates) {
  const { training, heldOut } = epochs[epochs.length - 1];
  const [inference, trained] = [heldOut, training].map((loss) => loss.toFixed(4));
  return updates
    ? `In inference the held-out loss is ${inference}, the training loss was ${trained}.
Without the update ops (--no-updates) batch normalisation would still use mean 0 and variance 1.`
    : `In inference the held-out loss is ${inference}, though the training loss was ${trained}:
no update op was run, so that batch normalisation still uses mean 0 and variance 1.
checkBatchNorm(model) finds the layers:`;
}
