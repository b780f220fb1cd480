import { availableParallelism } from 'node:os';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChromium } from '../support/chromium.js';
import {
  launch,
  notices,
  open,
  type Site,
  serve,
  stepAfter,
  stepOf,
  stop,
  trainUntil,
} from './site.js';

/** Trains on a backend, as few digits in a step as can be, until the loss is so many times the first. */
async function trainOn(page: Page, backend: string, share: number): Promise<void> {
  await page.selectOption('#backend', backend);
  await trainUntil(page, 0);
  const first = Number(await page.textContent('#loss'));
  await page.waitForFunction(
    (limit) => Number(document.querySelector('#loss')!.textContent) < limit,
    share * first,
  );
}

/** Each backend that ran, and its steps per second. */
const speeds = (page: Page) =>
  page
    .locator('#speed tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => ['th', '.value'].map((part) => row.querySelector(part)!.textContent)),
    );

const POSITIVE = expect.stringMatching(/[1-9]/);

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

  it('trains on WebAssembly, with one thread and with all, until the loss is a quarter', async () => {
    const page = await open(browser, site.url);
    await trainOn(page, 'wasm', 0.25);
    await stop(page);
    await page.click('#reset');
    const threads = Math.min(8, availableParallelism());
    if (threads > 1) await trainOn(page, 'wasm-threads', 0.25);
    const names = ['WebAssembly, one thread', `WebAssembly, ${threads} threads`];
    expect(await speeds(page)).toEqual(names.slice(0, threads).map((name) => [name, POSITIVE]));
    expect(await notices(page)).toEqual([]);
  });

  // A software adapter takes long for the first steps, and a second or more for each that follows.
  it('trains on WebGPU until the loss has fallen by a third', async () => {
    const page = await open(browser, site.url);
    await trainOn(page, 'webgpu', 0.67);
    expect(await page.textContent('#status')).toContain('Training on WebGPU.');
    expect(await speeds(page)).toEqual([['WebGPU', POSITIVE]]);
    expect(await notices(page)).toEqual([]);
  });

  it('trains on WebGL until the loss has halved; when the context is lost, WebAssembly goes on', async () => {
    const page = await open(browser, site.url);
    await exposeContexts(page);
    await trainOn(page, 'webgl', 0.5);
    expect(await notices(page)).toEqual([]);
    const step = await stepOf(page);
    await page.workers()[0]!.evaluate(() => {
      const { contexts } = globalThis as unknown as { contexts: WebGLRenderingContext[] };
      for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
    });
    await page.getByText('The browser took the graphics card away.').waitFor();
    // From the last look at the model, at most a few steps ago.
    const [notice] = await notices(page);
    const from = Number(/WebAssembly goes on from step (\d+)\.$/.exec(notice!)![1]);
    expect(from).toBeLessThanOrEqual(step);
    await stepAfter(page, Math.max(step, from + 3));
    expect(await notices(page)).toEqual([notice]);
    expect(await page.textContent('#status')).toMatch(/^Training on WebAssembly, .*\.$/);
    expect(await page.inputValue('#backend')).toMatch(/^wasm/);
    expect(await speeds(page)).toEqual([
      ['WebGL', POSITIVE],
      [expect.stringContaining('WebAssembly'), POSITIVE],
    ]);
  });
});
