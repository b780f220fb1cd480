import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium as launcher, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, withoutChromium } from '../support/chromium.js';
import { withoutPython } from '../support/python.js';
import { startTensorBoard } from '../support/tensorboard.js';
import { trainDigits } from '../support/trainDigits.js';

const without = withoutPython || withoutChromium;
const PATIENCE = 180_000;
// The pictures of docs/tensorboard.md come from here.
const SHOTS = 'out/tensorboard';

describe.skipIf(without)(`TensorBoard's server${without}`, () => {
  const logDir = mkdtempSync(join(tmpdir(), 'digits-'));
  let server: Awaited<ReturnType<typeof startTensorBoard>>;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    await trainDigits(logDir);
    server = await startTensorBoard(logDir);
    browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1100, height: 620 } });
    page.setDefaultTimeout(PATIENCE / 3);
  }, PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(logDir, { recursive: true });
  });

  const open = async (hash: string) => {
    await page.goto('about:blank');
    await page.goto(`${server.url}#${hash}`);
  };
  const shoot = async (name: string) => {
    // The charts and the graph move into their places.
    await page.waitForTimeout(2500);
    await page.screenshot({ path: `${SHOTS}/${name}.png` });
  };

  it(
    'draws the losses of both runs in one chart',
    async () => {
      await open('scalars&tagFilter=loss|code%2Fkernel%2F(mean|stddev)');
      for (const tag of ['batch_loss', 'epoch_loss', 'weights/encoder/code/kernel/mean']) {
        await page.getByText(`tag: ${tag}`, { exact: true }).first().waitFor();
      }
      for (const run of ['train', 'test'])
        await page.getByText(run, { exact: true }).first().waitFor();
      await shoot('scalars');
    },
    PATIENCE,
  );

  it(
    'draws a histogram of the weights for every epoch',
    async () => {
      await open('histograms&tagFilter=weights%2Fencoder%2F(conv1|code)%2Fkernel');
      await page.getByText('tag: weights/encoder/code/kernel/histogram').first().waitFor();
      const curves = page.locator('vz-histogram-timeseries').first().locator('g.histogram');
      await expect.poll(() => curves.count(), { timeout: PATIENCE / 3 }).toBe(8);
      await shoot('histograms');
    },
    PATIENCE,
  );

  it(
    'shows the images of a batch as samples',
    async () => {
      await open('images');
      await page.getByText('sample: 4 of 4').first().waitFor();
      const images = page.locator('tf-image-loader img');
      await expect.poll(() => images.count(), { timeout: PATIENCE / 3 }).toBe(4);
      const width = () =>
        images.first().evaluate((image) => (image as HTMLImageElement).naturalWidth);
      await expect.poll(width, { timeout: PATIENCE / 3 }).toBe(56);
      await shoot('images');
    },
    PATIENCE,
  );

  it(
    'opens the encoder in the graph and the block in it, with the shapes on its edges',
    async () => {
      await page.setViewportSize({ width: 1100, height: 900 });
      await open('graphs');
      const node = (name: string) =>
        page.locator(`g.node[data-name="${name}"] > .nodeshape`).first();
      await node('decoder').waitFor();
      await page.waitForTimeout(1500);
      await node('encoder').dblclick();
      for (const layer of ['conv1', 'norm1', 'block', 'conv2', 'norm2', 'flatten', 'code']) {
        await node(`encoder/${layer}`).waitFor();
      }
      await page.waitForTimeout(1500);
      await node('encoder/block').dblclick();
      for (const layer of ['conv1', 'bn1', 'conv2', 'bn2', 'add']) {
        await node(`encoder/block/${layer}`).waitFor();
      }
      await page.getByText('Fit to screen').click();
      await page.waitForTimeout(1500);
      await node('encoder/conv2').click();
      await page.getByText('?×14×14×8').last().waitFor();
      await page.getByText('?×7×7×16').last().waitFor();
      await shoot('graphs');
    },
    PATIENCE,
  );

  it(
    'shows text as Markdown',
    async () => {
      await open('text');
      await page.locator('strong', { hasText: '600 digits' }).first().waitFor();
    },
    PATIENCE,
  );
});
