import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChromium } from '../support/chromium.js';
import {
  launch,
  notices,
  open,
  pictures,
  type Site,
  serve,
  serveSource,
  state,
  stepAfter,
  trainFor,
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

  it('saves, and after a reload loads, a network that reconstructs exactly the same', async () => {
    const page = await open(browser, site.url);
    expect(await page.isDisabled('#load')).toBe(true);
    await trainFor(page, 20);
    const [before, steps] = [await pictures(page, '#pictures'), await page.textContent('#step')];
    expect(new Set(before).size).toBe(20);
    await page.click('#save');
    await page.getByText('Saved in this browser').waitFor();

    await page.reload();
    expect(await pictures(page, '#pictures')).toEqual([]);
    await page.click('#load');
    await page.getByText(`Loaded: it has trained for ${steps} steps.`).waitFor();
    await page.locator('#pictures canvas').first().waitFor();
    expect(await pictures(page, '#pictures')).toEqual(before);

    await page.getByRole('button', { name: 'Go on' }).click();
    await stepAfter(page, Number(steps));
  });

  it('goes on with the same network on another backend, and starts over when told', async () => {
    const page = await open(browser, site.url);
    await page.selectOption('#backend', 'wasm');
    await trainFor(page, 5);
    const steps = Number(await page.textContent('#step'));
    await page.selectOption('#backend', 'cpu');
    await page.selectOption('#batch', '16');
    await page.click('#train');
    await stepAfter(page, steps);
    expect(await page.textContent('#status')).toBe('Training on plain JavaScript.');
    await page.click('#train');
    await state(page, 'resting');
    await page.click('#reset');
    expect(await page.textContent('#step')).toBe('–');
    expect(await page.getAttribute('#chart', 'aria-label')).toBe('No loss yet');
    expect(await page.textContent('#train')).toBe('Train');
  });

  it('shows a drawn digit encoded and decoded, better the longer it trains', async () => {
    const page = await open(browser, site.url);
    await drawSeven(page);
    expect(await page.textContent('#answer')).toContain('Train a network');
    await page.click('#train');
    await page.locator('#answer canvas').waitFor();
    const [first] = await pictures(page, '#answer');
    expect(await page.locator('.code > span').count()).toBe(32);
    await page.waitForFunction(
      (before) =>
        document.querySelector<HTMLCanvasElement>('#answer canvas')!.toDataURL() !== before,
      first,
    );
    await page.click('#clear');
    await page.locator('#answer .empty').waitFor();
  });

  it('shows what a ResNet takes a drawing for', async () => {
    const page = await open(browser, site.url);
    await page.selectOption('#model', 'resnet');
    await page.selectOption('#batch', '16');
    await drawSeven(page);
    await page.click('#train');
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
  });

  it('fits a phone in every state, in light and dark', async () => {
    const page = await open(browser, site.url, { viewport: { width: 360, height: 740 } });
    expect(await overflow(page)).toBe(0);
    await drawSeven(page);
    await trainFor(page, 5);
    await page.locator('#answer canvas').waitFor();
    expect(await overflow(page)).toBe(0);
    const ground = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
  });

  it('leaves the main thread free while it trains', async ({ annotate }) => {
    const page = await open(browser, site.url);
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => {
        tasks.push(...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: 'longtask' });
    });
    const started = performance.now();
    await trainFor(page, 60);
    const elapsed = performance.now() - started;
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    // On an idle machine none takes over 100 ms; on a busy one any task can take long, but not most of the time.
    await annotate(`the longest task took ${Math.max(0, ...tasks)} ms (0: none over 50)`);
    expect(tasks.reduce((sum, duration) => sum + duration, 0)).toBeLessThan(elapsed / 2);
  });

  it('says so when there is no graphics adapter, and trains on WebAssembly', async () => {
    const page = await open(browser, site.url);
    for (const [backend, reason] of [
      ['webgpu', "WebGPU can't be used here: the browser has WebGPU, but gives no adapter."],
      ['webgl', "WebGL can't be used here: WebGL is not supported on this device."],
    ] as const) {
      await page.selectOption('#backend', backend);
      await trainFor(page, 0);
      expect(await notices(page)).toEqual([expect.stringContaining(reason)]);
      expect((await notices(page))[0]).toMatch(/ It is WebAssembly, .* instead\.$/);
      await page.click('#reset');
    }
  });

  it('says so when the .wasm files are missing, and trains in plain JavaScript', async () => {
    const page = await open(browser, site.url);
    await page.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
    await page.selectOption('#batch', '16');
    await trainFor(page, 0);
    expect(await notices(page)).toEqual([
      expect.stringMatching(
        /^WebAssembly can't be used here: .*\.wasm: the server answered 404\. It is plain JavaScript instead\.$/,
      ),
    ]);
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

  it('trains from the development server too', async () => {
    const source = await serveSource();
    try {
      const page = await open(browser, source.url);
      await trainFor(page, 3);
      expect(await page.textContent('#speed th[scope=row]')).toContain('WebAssembly');
    } finally {
      await source.close();
    }
  });
});
