import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChromium } from '../support/chromium.js';
import {
  barriers,
  launch,
  losses,
  notices,
  open,
  pictures,
  recordLosses,
  type Site,
  serve,
  serveSource,
  state,
  stepAfter,
  stepOf,
  stop,
  tasks,
  trainUntil,
} from './site.js';

/** Draws a 7 with the mouse. */
async function drawSeven(page: Page): Promise<void> {
  await page.locator('#draw').scrollIntoViewIfNeeded();
  const box = (await page.locator('#draw').boundingBox())!;
  const to = (x: number, y: number) =>
    page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 5 });
  await to(0.3, 0.25);
  await page.mouse.down();
  await to(0.7, 0.25);
  await to(0.45, 0.85);
  await page.mouse.up();
}

/** How far the page reaches beyond the right edge of the window. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The losses of the five steps after a step. */
async function nextLosses(page: Page, step: number): Promise<Record<number, number>> {
  await recordLosses(page);
  expect(await page.textContent('#train')).toBe('Go on');
  await trainUntil(page, step + 4);
  const all = await losses(page);
  return Object.fromEntries([1, 2, 3, 4, 5].map((n) => [step + n, all[step + n]!]));
}

/** The mean squared difference of the held-out digits and their reconstructions. */
const errorOfDigits = (page: Page) =>
  page.evaluate(() => globalThis.errorOf([...document.querySelectorAll('#pictures canvas')]));

/** The same of the drawing, as it is drawn, and what is decoded. */
const errorOfDrawing = (page: Page) =>
  page.evaluate(() => globalThis.errorOf([...document.querySelectorAll('#draw, #answer canvas')]));

/** Gives a page `errorOf`, for pairs of pictures. */
function measurePictures(): void {
  const pen = new OffscreenCanvas(28, 28).getContext('2d', { willReadFrequently: true })!;
  const strengths = (picture: Element) => {
    pen.clearRect(0, 0, 28, 28);
    pen.drawImage(picture as HTMLCanvasElement, 0, 0);
    const { data } = pen.getImageData(0, 0, 28, 28);
    return Array.from({ length: 28 * 28 }, (_, i) => data[4 * i + 3]! / 255);
  };
  globalThis.errorOf = (pairs) => {
    let sum = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      const [a, b] = [strengths(pairs[i]!), strengths(pairs[i + 1]!)];
      for (const [at, value] of a.entries()) sum += (value - b[at]!) ** 2;
    }
    return sum / pairs.length;
  };
}

declare global {
  var errorOf: (pairs: Element[]) => number;
}

/** Whether the chart has the line of the held-out digits. */
function chartHasLine(): boolean {
  const chart = document.querySelector<HTMLCanvasElement>('#chart canvas')!;
  const { data } = chart.getContext('2d')!.getImageData(0, 0, chart.width, chart.height);
  // #1d4ed8, the accent in light.
  return data.some((_, i) => i % 4 === 0 && data[i] === 29 && data[i + 1] === 78);
}

describe.skipIf(withoutChromium)(`the web page${withoutChromium}`, { timeout: 120_000 }, () => {
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    [site, browser] = await Promise.all([serve(), launch('none')]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('saves, and after a reload loads, a network that reconstructs and goes on exactly the same', async () => {
    const page = await open(browser, site.url);
    expect(await page.isDisabled('#load')).toBe(true);
    await trainUntil(page, 5);
    await stop(page);
    const [before, step] = [await pictures(page, '#pictures'), await stepOf(page)];
    expect(new Set(before).size).toBe(20);
    await page.click('#save');
    await page.getByText(`Saved in this browser, after ${step} steps.`).waitFor();
    const uninterrupted = await nextLosses(page, step);

    await page.reload();
    expect(await pictures(page, '#pictures')).toEqual([]);
    await page.click('#load');
    await page.getByText(`Loaded: it has trained for ${step} steps.`).waitFor();
    await page.locator('#pictures canvas').first().waitFor();
    expect(await pictures(page, '#pictures')).toEqual(before);
    expect(await nextLosses(page, step)).toEqual(uninterrupted);
  });

  it('saves a ResNet while it trains, and goes on from there exactly the same', async () => {
    const page = await open(browser, site.url);
    await recordLosses(page);
    await page.selectOption('#model', 'resnet');
    await trainUntil(page, 5);
    await page.click('#save');
    const status = await page.getByText('Saved in this browser').textContent();
    const step = Number(/\d+/.exec(status!)![0]);
    await stepAfter(page, step + 5);
    const uninterrupted = await losses(page);

    await page.reload();
    await page.selectOption('#model', 'resnet');
    await page.click('#load');
    await state(page, 'resting');
    const resumed = await nextLosses(page, step);
    for (const [at, loss] of Object.entries(resumed)) expect(loss).toBe(uninterrupted[Number(at)]);
  });

  it('goes on with the same network on another backend, and starts over when told', async () => {
    const page = await open(browser, site.url);
    await page.selectOption('#backend', 'wasm');
    await trainUntil(page, 3);
    await stop(page);
    const step = await stepOf(page);
    await recordLosses(page);
    await page.selectOption('#backend', 'cpu');
    await trainUntil(page, step);
    expect(Object.keys(await losses(page))[0]).toBe(String(step + 1));
    expect(await page.textContent('#status')).toBe('Training on plain JavaScript.');
    await stop(page);
    await page.click('#reset');
    expect(await page.textContent('#step')).toBe('–');
    expect(await page.getAttribute('#chart', 'aria-label')).toBe('No loss yet');
    expect(await page.textContent('#train')).toBe('Train');
  });

  it('draws the loss, and shows digits and a drawing encoded and decoded, better the longer it trains', async () => {
    const page = await open(browser, site.url);
    await page.evaluate(measurePictures);
    await drawSeven(page);
    expect(await page.textContent('#answer')).toContain('Train a network');
    await page.click('#train');
    await page.locator('#answer canvas').waitFor();
    expect(await page.locator('.code > span').count()).toBe(32);
    const [ofDigits, ofDrawing] = [await errorOfDigits(page), await errorOfDrawing(page)];
    await stepAfter(page, 60);
    await stop(page);
    await expect.poll(() => errorOfDigits(page)).toBeLessThan(0.6 * ofDigits);
    await expect.poll(() => errorOfDrawing(page)).toBeLessThan(0.8 * ofDrawing);
    const summary = (await page.getAttribute('#chart', 'aria-label'))!;
    const [first, last, steps] = summary.match(/[\d.]+/g)!.map(Number);
    expect(last).toBeLessThan(first!);
    expect(steps).toBe(await stepOf(page));
    expect(await page.evaluate(chartHasLine)).toBe(true);
    await page.click('#clear');
    await page.locator('#answer .empty').waitFor();
  });

  it('shows what a ResNet takes a drawing for', async () => {
    const page = await open(browser, site.url);
    await page.selectOption('#model', 'resnet');
    await drawSeven(page);
    await trainUntil(page, 0);
    const percents = page.locator('.bars .value');
    await percents.nth(9).waitFor();
    const sum = (await percents.allTextContents()).reduce(
      (total, text) => total + parseInt(text, 10),
      0,
    );
    expect(Math.abs(sum - 100)).toBeLessThanOrEqual(5);
    expect(await page.locator('.guess').count()).toBe(10);
  });

  it('can be used by keyboard alone', async () => {
    const page = await open(browser, site.url);
    const walk: string[] = [];
    for (let i = 0; i < 7; i++) {
      await page.keyboard.press('Tab');
      const { id, ring } = await page.evaluate(() => {
        const element = document.activeElement as HTMLAnchorElement;
        return { id: element.id || element.hash, ring: getComputedStyle(element).outlineStyle };
      });
      expect(ring, `the focus ring of ${id}`).toBe('solid');
      walk.push(id);
    }
    expect(walk).toEqual(['#draw', 'model', 'backend', 'batch', 'train', 'draw', 'clear']);

    await page.focus('#batch');
    await page.keyboard.press('Home');
    expect(await page.inputValue('#batch')).toBe('16');
    await page.focus('#train');
    await page.keyboard.press('Enter');
    await stepAfter(page, 0);
    await page.focus('#draw');
    await page.keyboard.press('Space');
    expect(await page.textContent('#pen')).toBe('Pen down');
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    expect(await page.textContent('#pen')).toBe('Pen up');
    await page.locator('#answer canvas').waitFor();
    await page.keyboard.press('Delete');
    await page.locator('#answer .empty').waitFor();
    await page.focus('#train');
    await page.keyboard.press('Space');
    await state(page, 'resting');

    const press = async (key: string, id: string) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement!.id)).toBe(id);
      await page.keyboard.press(key);
    };
    await press('Shift', 'reset');
    await press('Enter', 'save');
    await page.getByText('Saved in this browser').waitFor();
    await press('Enter', 'load');
    await page.getByText('Loaded: ').waitFor();
    // Load was not to be had for a moment: the place in the page is kept.
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('train');
    await page.locator('#pictures canvas').first().waitFor();
    await press('Space', 'reset');
    await page.getByText('Ready.').waitFor();
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('train');
  });

  it('fits a phone, is accessible, and has nothing that moves by itself, in light and dark', async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };
    const page = await open(browser, site.url, phone);
    const look = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme });
      expect(await overflow(page)).toBe(0);
      expect(await barriers(page)).toEqual([]);
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    };
    const light = await look('light');
    await page.locator('#draw').tap();
    await trainUntil(page, 3);
    await page.locator('#answer canvas').waitFor();
    expect(await look('dark')).not.toBe(light);
    await stop(page);
    await page.selectOption('#model', 'resnet');
    await trainUntil(page, 3);
    await page.locator('#answer .bars').waitFor();
    expect(await look('light')).toBe(light);
  });

  it('keeps its main thread free while it trains: no task takes 100 ms', async ({ annotate }) => {
    const page = await open(browser, site.url);
    // Milliseconds of the processor: on a machine with nothing else to do, those of the clock.
    const durations = await tasks(page, async () => {
      await page.click('#train');
      await drawSeven(page);
      await stepAfter(page, 60);
      await page.click('#save');
      await page.getByText('Saved in this browser').waitFor();
      await stop(page);
    });
    const longest = Math.max(...durations);
    await annotate(`the longest of ${durations.length} tasks took ${longest} ms`);
    expect(durations.length).toBeGreaterThan(60);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(100);
  });

  it('says so when there is no graphics adapter, and trains on WebAssembly', async () => {
    const page = await open(browser, site.url);
    for (const [backend, reason] of [
      ['webgpu', "WebGPU can't be used here: the browser has WebGPU, but gives no adapter."],
      ['webgl', "WebGL can't be used here: WebGL is not supported on this device."],
    ] as const) {
      await page.selectOption('#backend', backend);
      await trainUntil(page, 0);
      expect(await notices(page)).toEqual([expect.stringContaining(reason)]);
      expect((await notices(page))[0]).toMatch(/ It is WebAssembly, .* instead\.$/);
      await stop(page);
      await page.click('#reset');
      expect(await notices(page)).toEqual([]);
    }
  });

  it('says so when the .wasm files are missing, and trains in plain JavaScript', async () => {
    const page = await open(browser, site.url);
    await page.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
    await trainUntil(page, 0);
    expect(await notices(page)).toEqual([
      expect.stringMatching(
        /^WebAssembly can't be used here: .*\.wasm: the server answered 404\. It is plain JavaScript instead\.$/,
      ),
    ]);
  });

  it('says so when the page is not isolated, and trains on one thread', async () => {
    const page = await open(browser, 'about:blank');
    await page.route(site.url, async (route) => {
      const response = await route.fetch();
      const headers = { 'content-type': response.headers()['content-type']! };
      await route.fulfill({ body: await response.body(), headers });
    });
    await page.goto(site.url);
    expect(await page.inputValue('#backend')).toBe('wasm');
    await page.selectOption('#backend', 'wasm-threads');
    await trainUntil(page, 0);
    expect(await page.textContent('#status')).toBe('Training on WebAssembly, one thread.');
    expect(await notices(page)).toEqual([
      expect.stringMatching(/^WebAssembly runs on one thread: .* Cross-Origin-Opener-Policy/),
    ]);
    expect(await barriers(page)).toEqual([]);
  });

  it('says so when the digits are missing, and lets one try again', async () => {
    const page = await open(browser, site.url);
    await page.route('**/digits.bin', (route) => route.fulfill({ status: 404 }));
    await page.click('#train');
    await state(page, 'idle');
    expect(await notices(page)).toEqual(['The digits could not be loaded (404).']);
    await page.unroute('**/digits.bin');
    await page.click('#train');
    await stepAfter(page, 0);
    expect(await notices(page)).not.toContain('The digits could not be loaded (404).');
  });

  it('trains from the development server too, which does not load the page again', async () => {
    const source = await serveSource();
    try {
      const page = await open(browser, source.url);
      let loads = 0;
      page.on('load', () => loads++);
      await trainUntil(page, 3);
      expect(await page.textContent('#speed th[scope=row]')).toContain('WebAssembly');
      expect(loads).toBe(0);
    } finally {
      await source.close();
    }
  });
});
