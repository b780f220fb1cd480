import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BackendOptions, useBackend } from '../../src/backend/index.js';
import { forgetBackends } from '../support/backends.js';

const SIMD = 'tfjs-backend-wasm-simd.wasm';
const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
const binaries = `${dirname(entry)}/`;
let folder: string;

beforeAll(async () => {
  folder = `${await mkdtemp(join(tmpdir(), 'wasm-'))}/`;
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(forgetBackends);

/** Why WASM, the only backend that is imported here, was dropped. */
async function failure(options: BackendOptions): Promise<string> {
  const error = await useBackend(options).catch((reason) => reason);
  return /wasm: (.*)/.exec(error.message)![1]!;
}

describe('WASM', () => {
  it('is dropped when its file is missing, and starts from a second path', async () => {
    expect(await failure({ wasmPaths: '/nowhere/' })).toBe(
      `ENOENT: no such file or directory, open '/nowhere/${SIMD}'`,
    );
    expect((await useBackend({ wasmPaths: binaries })).name).toBe('wasm');
  });

  it('is dropped when a page lies in the place of its file', async () => {
    await writeFile(folder + SIMD, '<!doctype html>');
    expect(await failure({ wasmPaths: folder })).toBe(
      `${folder}${SIMD} is not a WebAssembly file (a page in its place, perhaps)`,
    );
  });

  it('is dropped when wasmPaths lacks the file that is needed', async () => {
    const wasmPaths = { 'tfjs-backend-wasm.wasm': `${binaries}tfjs-backend-wasm.wasm` };
    expect(await failure({ wasmPaths })).toBe(`wasmPaths has no '${SIMD}', which is needed here`);
  });

  it('starts from a file URL, and from the one file that is needed', async () => {
    const wasmPaths = { [SIMD]: pathToFileURL(binaries + SIMD).href };
    expect((await useBackend({ wasmPaths })).name).toBe('wasm');
  });
});
