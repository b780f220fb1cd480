import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedBinaries } from '../backend/binary.js';
import { BINARIES } from '../backend/options.js';

/** Files by their names, read when they are asked for. */
export type Files = Map<string, () => Promise<Uint8Array>>;

/** The installed .wasm files, and a folder's name for them that changes when they do. */
export function binaries(): { folder: string; files: Files } {
  const dist = installedBinaries();
  if (typeof dist !== 'string') {
    throw new Error("tfjsBlocks: '@tensorflow/tfjs-backend-wasm' is not installed: npm install it");
  }
  const { version } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8'));
  return {
    folder: `tfjs-backend-wasm-${version}`,
    files: new Map(BINARIES.map((name) => [name, () => readFile(join(dist, name))])),
  };
}
