import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium as launcher, type Page } from 'playwright';
import { build, createServer, preview } from 'vite';
import { expect, onTestFinished } from 'vitest';
import { chromium } from '../support/chromium.js';

const options = { root: 'web', configFile: 'web/vite.config.ts', logLevel: 'error' } as const;

export interface Site {
  url: string;
  close(): Promise<void>;
}

/** The built page, served as `vite preview` does on a free port. */
export async function serve(): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), 'web-'));
  await build({ ...options, build: { outDir } });
  const server = await preview({ ...options, build: { outDir }, preview: { port: 0 } });
  return {
    url: `http://localhost:${(server.httpServer.address() as AddressInfo).port}/`,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** The page as `npm run web` serves it for the first time. */
export async function serveSource(): Promise<Site> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'web-cache-'));
  const server = await createServer({ ...options, cacheDir, server: { port: 0 } });
  await server.listen();
  return {
    url: `http://localhost:${(server.httpServer!.address() as AddressInfo).port}/`,
    async close() {
      await server.close();
      await rm(cacheDir, { recursive: true });
    },
  };
}

/** A Chromium without any graphics, or with software graphics for WebGL and WebGPU. */
export function launch(graphics: 'none' | 'software'): Promise<Browser> {
  const flags = {
    none: ['--disable-gpu', '--disable-software-rasterizer'],
    software: ['--enable-unsafe-webgpu'],
  };
  return launcher.launch({
    executablePath: chromium,
    args: ['--no-sandbox', ...flags[graphics]],
  });
}

/** The page in a profile of its own, until the test ends; errors and warnings of its scripts fail the test. */
export async function open(browser: Browser, url: string, options = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'warning') errors.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** Waits until the page is training, resting, idle. */
export async function state(page: Page, expected: string): Promise<void> {
  await page.waitForFunction((name) => document.body.dataset.state === name, expected);
}

/** Waits for a step after the given one. */
export async function stepAfter(page: Page, step: number): Promise<void> {
  await page.waitForFunction(
    (before) => Number(document.querySelector('#step')!.textContent) > before,
    step,
  );
}

/** The number of steps that the page shows. */
export const stepOf = async (page: Page) => Number(await page.textContent('#step'));

/** Trains with few digits in a step, which is quick, until after a step. */
export async function trainUntil(page: Page, step: number): Promise<void> {
  await page.selectOption('#batch', '16');
  await page.click('#train');
  await stepAfter(page, step);
}

/** Stops, and waits until that is done. */
export async function stop(page: Page): Promise<void> {
  await page.click('#train');
  await state(page, 'resting');
}

/** Makes the page keep the loss that it shows for each step. */
export async function recordLosses(page: Page): Promise<void> {
  await page.evaluate(() => {
    const [step, loss] = ['#step', '#loss'].map((id) => document.querySelector(id)!);
    globalThis.lossOfStep = {};
    const observer = new MutationObserver(() => {
      globalThis.lossOfStep[Number(step!.textContent)] = Number(loss!.textContent);
    });
    observer.observe(loss!, { childList: true });
  });
}

/** The losses that have been kept. */
export const losses = (page: Page) => page.evaluate(() => globalThis.lossOfStep);

declare global {
  var lossOfStep: Record<number, number>;
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of the processor. */
  tdur?: number;
  args: { name?: string };
}

/**
 * The tasks of the page's main thread while something is done that starts a worker: for each the
 * milliseconds that the processor worked for it, whatever else the machine does.
 */
export async function tasks(page: Page, work: () => Promise<void>): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['toplevel'] });
  await work();
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const named = (name: string) => traceEvents.filter((event) => event.args?.name === name);
  const process = named('DedicatedWorker thread')[0]!.pid;
  const { tid } = named('CrRendererMain').find(({ pid }) => pid === process)!;
  return traceEvents
    .filter((event) => event.name === 'ThreadControllerImpl::RunTask')
    .filter((event) => event.pid === process && event.tid === tid)
    .map(({ tdur = 0 }) => tdur / 1000);
}

/** Everything that the page says went otherwise. */
export const notices = (page: Page) => page.locator('#notices li').allTextContents();

/** What axe-core finds to be inaccessible in the page as it is now. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** The pictures of a part of the page, point for point. */
export function pictures(page: Page, selector: string): Promise<string[]> {
  return page
    .locator(`${selector} canvas`)
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
}
