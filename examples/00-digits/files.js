// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A folder for `model.save` and `loadLayersModel`, for Node without tfjs-node: `model.json` and
 * `weights.bin`, which a browser loads from a web server as they are.
 *
 * @param {string} folder
 * @returns {tf.io.IOHandler}
 */
export function inFolder(folder) {
  const [json, bin] = [join(folder, 'model.json'), join(folder, 'weights.bin')];
  return {
    async save({ modelTopology, weightSpecs = [], weightData }) {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await mkdir(folder, { recursive: true });
      await writeFile(json, JSON.stringify({ modelTopology, weightsManifest }));
      await writeFile(bin, new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
    async load() {
      const saved = JSON.parse(await readFile(json, 'utf8'));
      return tf.io.getModelArtifactsForJSON(saved, async ([group]) => [
        group.weights,
        Uint8Array.from(await readFile(bin)).buffer,
      ]);
    },
  };
}
