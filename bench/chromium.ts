// A bench in a browser: its module, bundled, in a cross-origin isolated page of Chromium.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium as launcher } from 'playwright';
import { chromium } from '../tests/support/chromium.js';

const BINARIES = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';

/** What `call`, an expression of what `module` exports, resolves to in the page. */
export async function inChromium<T>(module: string, call: string): Promise<T> {
  if (!chromium) throw new Error('bench: there is no Chromium in CHROMIUM or the usual places');
  const code = `import * as bench from './${module}'; export const result = bench.${call};`;
  const { outputFiles } = await build({
    ...{ stdin: { contents: code, resolveDir: 'bench' }, bundle: true, write: false },
    ...{ format: 'esm', platform: 'browser', logLevel: 'error' },
  });
  const server = createServer(({ url = '/' }, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (url.endsWith('.wasm')) {
      response.setHeader('Content-Type', 'application/wasm');
      response.end(readFileSync(BINARIES + url));
    } else if (url === '/bench.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(outputFiles[0]!.text);
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return (await page.evaluate("import('/bench.js').then(({ result }) => result)")) as T;
  } finally {
    await browser.close();
    server.close();
  }
}
