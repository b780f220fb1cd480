import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';

const HERE = resolve('tests/inference/others');

/**
 * Models that others made, trained and published, as Keras saved them, in the npm package nsfwjs (MIT); how
 * many batch normalisations they have.
 */
export const OTHERS = [
  { name: 'mobilenet_v2', norms: 52 },
  { name: 'inception_v3', norms: 94 },
];

/** Downloads the package, 25 MB, the first time. */
export function installOthers(): void {
  if (existsSync(join(HERE, 'node_modules/nsfwjs'))) return;
  execFileSync('npm', ['ci', '--prefix', HERE, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
}

/** One of them; the package has its weights as text. */
export async function loadOther(name: string): Promise<LayersModel> {
  const require = createRequire(join(HERE, 'load.js'));
  const from = join(HERE, 'node_modules/nsfwjs/dist/models', name);
  const { modelTopology, weightsManifest } = require(join(from, 'model.min.js')) as io.ModelJSON;
  const shards = readdirSync(from).filter((file) => file.startsWith('group1'));
  const parts = shards
    .sort()
    .map((file) => Buffer.from(require(join(from, file)) as string, 'base64'));
  return loadLayersModel(
    io.fromMemory({
      modelTopology: modelTopology as object,
      weightSpecs: weightsManifest!.flatMap(({ weights }) => weights),
      weightData: new Uint8Array(Buffer.concat(parts)).buffer,
    }),
  );
}
