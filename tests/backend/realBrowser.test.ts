import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { chromium as browsers } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendReport } from '../../src/backend/index.js';
import { chromium, withoutChromium } from '../support/chromium.js';

const PROGRAM = `
  import '@tensorflow/tfjs-backend-cpu';
  import '@tensorflow/tfjs-backend-webgl';
  import '@tensorflow/tfjs-backend-webgpu';
  import { useBackend } from './src/backend/index.ts';
  globalThis.report = useBackend();`;

let server: Server;

// A page with its bundled program, and the binaries beside it.
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: '.' },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  server = createServer(({ url = '' }, response) => {
    const file = basename(url);
    if (file.endsWith('.wasm')) {
      response.setHeader('Content-Type', 'application/wasm');
      createReadStream(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${file}`).pipe(response);
    } else if (file === 'program.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(outputFiles[0]!.text);
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="program.js"></script>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server?.close());

/** What useBackend reports in a Chromium of its own. */
async function reportWith(...args: string[]): Promise<BackendReport> {
  const browser = await browsers.launch({
    executablePath: chromium,
    args: ['--no-sandbox', ...args],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate(() => (globalThis as unknown as { report: never }).report);
  } finally {
    await browser.close();
  }
}

describe.skipIf(withoutChromium)(`useBackend in a bundled page${withoutChromium}`, () => {
  it('gets over a null adapter and no WebGL, and takes WASM from beside the page', async () => {
    expect(await reportWith('--disable-gpu', '--disable-software-rasterizer')).toEqual({
      name: 'wasm',
      device: 'CPU',
      simd: true,
      threads: 1,
      whyOneThread:
        'the page is not cross-origin isolated: it needs the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
      kernels: 'simd',
      tried: [
        { name: 'webgpu', works: false, why: 'the browser has WebGPU, but gives no adapter' },
        { name: 'webgl', works: false, why: 'WebGL is not supported on this device' },
        { name: 'wasm', works: true, why: 'a convolution and its gradients came out right' },
      ],
    });
  });
});
