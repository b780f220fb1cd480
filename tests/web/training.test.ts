import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChromium } from '../support/chromium.js';
import { launch, notices, open, type Site, serve, stepAfter } from './site.js';

/** Trains on a backend until the loss is so many times what it was in the beginning. */
async function trainUntil(page: Page, backend: string, share: number): Promise<void> {
  await page.selectOption('#backend', backend);
  await page.selectOption('#batch', '16');
  await page.click('#train');
  const loss = () => Number(document.querySelector('#loss')!.textContent);
  const first = await page.waitForFunction(loss);
  await page.waitForFunction(
    (limit) => Number(document.querySelector('#loss')!.textContent) < limit,
    share * (await first.jsonValue()),
  );
}

/** Lets a test reach the graphics contexts of the page's worker. */
async function exposeContexts(page: Page): Promise<void> {
  await page.route(/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    const body = `
      const { getContext } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.getContext = function (...args) {
        const context = getContext.apply(this, args);
        (globalThis.contexts ??= []).push(context);
        return context;
      };
      ${await response.text()}`;
    await route.fulfill({ response, body });
  });
}

describe.skipIf(withoutChromium)(`the web page${withoutChromium}`, { timeout: 180_000 }, () => {
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    [site, browser] = await Promise.all([serve(), launch('software')]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it.each(['wasm', 'wasm-threads'])('trains on %s until the loss has halved', async (backend) => {
    const page = await open(browser, site.url);
    await trainUntil(page, backend, 0.5);
    expect(await page.textContent('#speed th[scope=row]')).toContain('WebAssembly');
    // A machine with few cores has no threads to give, and the page says so.
    for (const text of await notices(page)) expect(text).toContain('too few cores');
  });

  // A software adapter takes long for the first steps.
  it('trains on WebGPU until the loss has fallen by a tenth', async () => {
    const page = await open(browser, site.url);
    await trainUntil(page, 'webgpu', 0.9);
    expect(await page.textContent('#status')).toContain('Training on WebGPU.');
    expect(await notices(page)).toEqual([]);
  });

  it('trains on WebGL until the loss has halved; when the context is lost, WebAssembly goes on', async () => {
    const page = await open(browser, site.url);
    await exposeContexts(page);
    await trainUntil(page, 'webgl', 0.5);
    expect(await notices(page)).toEqual([]);
    const step = Number(await page.textContent('#step'));
    await page.workers()[0]!.evaluate(() => {
      const { contexts } = globalThis as unknown as { contexts: WebGLRenderingContext[] };
      for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
    });
    await page.getByText('The browser took the graphics card away.').waitFor();
    await stepAfter(page, step + 10);
    expect(await page.textContent('#status')).toBe('Training on WebAssembly, one thread.');
    expect(await page.inputValue('#backend')).toBe('wasm');
    expect(await page.locator('#speed th[scope=row]').allTextContents()).toEqual([
      'WebGL',
      'WebAssembly, one thread',
    ]);
  });
});
