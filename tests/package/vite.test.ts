import { mkdtemp, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium as launcher } from 'playwright';
import * as vite from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chromium, withoutChromium } from '../support/chromium.js';

/** What a user writes. */
const CONFIG = `
  import { tfjsBlocks } from 'tfjs-blocks/vite';

  export default { plugins: [tfjsBlocks(globalThis.pluginOptions)] };`;

/** What a page or a worker finds; without the plugin WASM would fail and nothing be left. */
const REPORT = `
  import { engine } from '@tensorflow/tfjs-core';
  import { useBackend } from 'tfjs-blocks/backend';

  export async function report() {
    const { name, kernels } = await useBackend();
    const { wasm } = engine().backend;
    const { buffer } = wasm.wasmMemory ?? wasm.asm.memory;
    const shared = Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
    return { name, kernels, shared };
  }`;

const FILES = {
  'package.json': '{ "private": true, "type": "module" }',
  'vite.config.js': CONFIG,
  'report.js': REPORT,
  'worker.js': `
    import { report } from './report.js';
    report().then(postMessage, ({ message }) => postMessage(message));`,
  'main.js': `
    import { report } from './report.js';
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    const inWorker = new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
    const inPage = report().catch(({ message }) => message);
    globalThis.reports = Promise.all([inPage, inWorker]);`,
  'index.html': '<!doctype html><script type="module" src="./main.js"></script>',
};

const SHARED = { name: 'wasm', kernels: 'simd', shared: true };
const UNSHARED = { ...SHARED, shared: false };

describe.skipIf(withoutChromium)(`a Vite app with the plugin${withoutChromium}`, () => {
  const app = inject('app');
  let root: string;
  let browser: Browser;

  beforeAll(async () => {
    root = await mkdtemp(join(app, 'vite-'));
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(root, name), content);
    browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  /** The reports of page and worker. */
  async function reportsOf({ httpServer, config }: vite.ViteDevServer | vite.PreviewServer) {
    const { port } = httpServer!.address() as AddressInfo;
    const page = await browser.newPage();
    try {
      const base = config.base.startsWith('.') ? '/' : config.base;
      await page.goto(`http://localhost:${port}${base}`);
      // Not by `evaluate`: a development server may load the page again when it has found all packages.
      const reports = await page.waitForFunction(() => globalThis.reports);
      return await reports.jsonValue();
    } finally {
      await page.close();
    }
  }

  const options = (base: string): vite.InlineConfig => ({
    ...{ root, base, configFile: join(root, 'vite.config.js'), logLevel: 'error' },
    build: { outDir: join(root, `dist${base}`), emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
    server: { port: 0 },
    preview: { port: 0 },
  });

  async function inDevelopment(base: string) {
    const server = await vite.createServer(options(base));
    try {
      await server.listen();
      return await reportsOf(server);
    } finally {
      await server.close();
    }
  }

  async function builtAndPreviewed(base: string) {
    await vite.build(options(base));
    const server = await vite.preview(options(base));
    try {
      return await reportsOf(server);
    } finally {
      await server.close();
    }
  }

  it('has WASM with shared memory in development, in page and worker', async () => {
    expect(await inDevelopment('/')).toEqual([SHARED, SHARED]);
  });

  it('has it under a base', async () => {
    expect(await inDevelopment('/some/app/')).toEqual([SHARED, SHARED]);
  });

  it.each(['/', '/some/app/', './'])('has it in a build with base %s', async (base) => {
    expect(await builtAndPreviewed(base)).toEqual([SHARED, SHARED]);
  });

  it('has WASM without shared memory where it wants no headers for threads', async () => {
    globalThis.pluginOptions = { threads: false };
    try {
      expect(await builtAndPreviewed('/')).toEqual([UNSHARED, UNSHARED]);
    } finally {
      globalThis.pluginOptions = undefined;
    }
  });
});

declare global {
  var pluginOptions: object | undefined;
  var reports: Promise<unknown>;
}
