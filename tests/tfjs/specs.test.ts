import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CORRECTED, KNOWN, TOTAL } from './known.js';

interface Results {
  passed: string[];
  failed: [name: string, message: string][];
}

const resolve = createRequire(import.meta.url).resolve;
const distOf = (name: string) => dirname(resolve(`@tensorflow/${name}`));

/** One file of specs, backend and kernels, on one copy of tfjs-core. */
async function bundle(outfile: string): Promise<void> {
  const entries: Record<string, string> = {
    '@tensorflow/tfjs-core': join(distOf('tfjs-core'), 'index.js'),
    '@tensorflow/tfjs-backend-wasm': join(distOf('tfjs-backend-wasm'), 'index.js'),
  };
  await build({
    ...{ outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' },
    entryPoints: [fileURLToPath(new URL('run.ts', import.meta.url))],
    // By its list of side effects, tfjs-core's specs would be dropped.
    ignoreAnnotations: true,
    // A spec assigns to a variable that it doesn't declare: not in strict mode.
    tsconfigRaw: {},
    plugins: [
      {
        name: 'one copy of tfjs-core',
        setup({ onResolve }) {
          onResolve({ filter: /^@tensorflow\/[\w-]+$/ }, ({ path }) => ({ path: entries[path]! }));
        },
      },
    ],
  });
}

describe("tfjs-core's own specs on WASM", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-specs-'));
  let stock: Results;
  let ours: Results;

  async function run(kernels: 'stock' | 'ours', file: string): Promise<Results> {
    const output = join(folder, `${kernels}.json`);
    const args = [file, kernels, `${distOf('tfjs-backend-wasm')}/`, output];
    await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    return JSON.parse(readFileSync(output, 'utf8'));
  }

  beforeAll(async () => {
    const file = join(folder, 'specs.cjs');
    await bundle(file);
    stock = await run('stock', file);
    ours = await run('ours', file);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('run, all of them, and fail as often as the list says', () => {
    expect(ours.passed.length + ours.failed.length).toBe(TOTAL.specs);
    expect([stock.failed.length, ours.failed.length]).toEqual([TOTAL.stock, TOTAL.ours]);
  });

  it('pass with our kernels where they pass on stock, but for those that hold its mistakes', () => {
    const passed = new Set(stock.passed);
    const worse = ours.failed.map(([name]) => name).filter((name) => passed.has(name));
    expect(worse.sort()).toEqual(Object.keys(CORRECTED).sort());
  });

  it('fail on both for reasons that are on the list, each as often as it says', () => {
    const both = ours.failed.filter(([name]) => !(name in CORRECTED));
    const reasons = both.map(([name, message]) => {
      return KNOWN.find((k) => k.message?.test(message) || k.spec?.test(name));
    });
    expect(both.filter((_, i) => !reasons[i])).toEqual([]);
    const counted = KNOWN.map((k) => ({ ...k, specs: reasons.filter((r) => r === k).length }));
    expect(counted).toEqual(KNOWN);
  });
});
