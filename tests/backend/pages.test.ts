import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { type Browser, chromium as browsers, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendReport } from '../../src/backend/index.js';
import { chromium, withoutChromium } from '../support/chromium.js';

/** It trains a convolution, and tells whether the page has all that it had before; `train` does so for longer. */
const PROGRAM = `
  import {
    conv2d, grad, mean, mul, ones, square, sub, sum, tensor4d, tidy, variable,
  } from '@tensorflow/tfjs-core';
  import { useBackend } from './src/backend/index.ts';
  const options = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  globalThis.train = async (count) => {
    const x = tensor4d(Array.from({ length: 32768 }, (_, i) => Math.sin(i)), [4, 32, 32, 8]);
    const w = variable(tensor4d(Array.from({ length: 576 }, (_, i) => Math.cos(i)), [3, 3, 8, 8]));
    for (let i = 0; i < count; i++) {
      tidy(() => {
        const gradient = grad((w) => mean(square(conv2d(x, w, 1, 'same'))))(w);
        w.assign(sub(w, mul(gradient, 0.01)));
      });
      await new Promise((resolve) => setTimeout(resolve));
    }
    return [...await w.data()];
  };
  globalThis.report = undefined;
  globalThis.report = (async () => {
    const before = Object.getOwnPropertyNames(globalThis).length;
    const report = await useBackend(options);
    const x = tensor4d([0, 1, 2, 3], [1, 2, 2, 1]);
    const dw = grad((w) => sum(conv2d(x, w, 1, 'same')))(ones([1, 1, 1, 1]));
    const globals = Object.getOwnPropertyNames(globalThis).length - before;
    return { ...report, sum: (await dw.data())[0], globals };
  })();`;

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: '.' },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  // The first folder of an address says which headers its files get.
  server = createServer(({ url = '' }, response) => {
    const [, kind, file = ''] = new URL(url, 'http://localhost').pathname.split('/');
    if (kind !== 'plain') {
      for (const [name, value] of Object.entries(ISOLATED)) response.setHeader(name, value);
    }
    if (kind === 'strict') response.setHeader('Content-Security-Policy', STRICT);
    if (file.endsWith('.wasm')) {
      response.setHeader('Content-Type', 'application/wasm');
      createReadStream(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${file}`).pipe(response);
    } else if (file.endsWith('.js')) {
      response.setHeader('Content-Type', 'text/javascript');
      if (file === 'worker.js') createReadStream('src/worker.js').pipe(response);
      else response.end(outputFiles[0]!.text);
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="program.js"></script>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await browsers.launch({ executablePath: chromium, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

type Report = BackendReport & { sum: number; globals: number };

type Kind = 'plain' | 'isolated' | 'strict';

/** What useBackend reports on a page. */
async function open(kind: Kind, options: object): Promise<Report> {
  const page = await pageOf(kind, options);
  try {
    return await reportOf(page);
  } finally {
    await page.close();
  }
}

async function pageOf(kind: Kind, options: object): Promise<Page> {
  const page = await browser.newPage();
  const { port } = server.address() as AddressInfo;
  const all = { prefer: 'wasm', wasmPaths: `/${kind}/`, ...options };
  const hash = encodeURIComponent(JSON.stringify(all));
  await page.goto(`http://127.0.0.1:${port}/${kind}/#${hash}`);
  return page;
}

function reportOf(page: Page): Promise<Report> {
  return page.evaluate(() => (globalThis as unknown as { report: never }).report);
}

describe.skipIf(withoutChromium)(`threads on a page${withoutChromium}`, () => {
  it('are as many as asked for, past half of the cores, where it is isolated', async () => {
    expect(await open('isolated', { threads: 5 })).toMatchObject({
      ...{ name: 'wasm', threads: 5, kernels: 'simd', sum: 6, globals: 0 },
    });
  });

  it('are one where it is not isolated, and the report says what to do', async () => {
    const { threads, whyOneThread, sum } = await open('plain', { threads: 2 });
    expect([threads, sum]).toEqual([1, 6]);
    expect(whyOneThread).toContain('the page is not cross-origin isolated: it needs the headers');
  });

  it('come from a served file where its policy forbids blobs', async () => {
    const report = await open('strict', { threads: 2, workerUrl: '/strict/worker.js' });
    expect(report).toMatchObject({ name: 'wasm', threads: 2, sum: 6 });
    expect(report.whyOneThread).toBe(undefined);
  });

  it('are one where its policy forbids blobs and no file is named, and the report says so', async () => {
    const { threads, whyOneThread, sum } = await open('strict', { threads: 2 });
    expect([threads, sum]).toEqual([1, 6]);
    expect(whyOneThread).toContain('a worker from a blob: URL has failed');
  });

  it('go on after the page stood still for a while, as a hidden one may', async () => {
    const page = await pageOf('isolated', { threads: 2 });
    try {
      expect((await reportOf(page)).threads).toBe(2);
      const messages: string[] = [];
      page.on('console', (message) => messages.push(message.text()));
      const train = () => page.evaluate('train(60)') as Promise<number[]>;
      const expected = await train();
      const session = await page.context().newCDPSession(page);
      await session.send('Debugger.enable');
      const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
      const weights = train();
      await session.send('Debugger.pause');
      await paused;
      // Longer than the threads look for work before they sleep.
      await sleep(1000);
      await session.send('Debugger.resume');
      expect(await weights).toEqual(expected);
      expect(messages).toEqual([]);
    } finally {
      await page.close();
    }
  });

  it("do not hang where its policy forbids blobs and only tfjs's own start is left", async () => {
    const options = { threads: 2, wasmPaths: undefined, timeout: 8_000 };
    const { name, threads, whyOneThread, sum } = await open('strict', options);
    expect([name, threads, sum]).toEqual(['wasm', 1, 6]);
    expect(whyOneThread).toMatch(/^no answer within 4000 ms/);
  });
});
