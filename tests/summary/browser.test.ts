import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { unzipSync } from 'fflate';
import { type Browser, type BrowserContext, chromium as launcher, type Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromium, withoutChromium } from '../support/chromium.js';
import { byTag, decode } from '../support/eventLog.js';
import type { Page as Exported } from '../support/page.js';

const PATIENCE = 120_000;
const [snippet] = /(?<=^```js browser\n).*?(?=^```$)/gms.exec(
  readFileSync('docs/tensorboard.md', 'utf8'),
)!;
const script = (code: string) => `import { exported } from './tests/support/page.ts';\n${code}`;
const SCRIPTS: Record<string, string> = {
  '/tests.js': script('Object.assign(globalThis, exported);'),
  '/guide.js': script(`await exported.fit('logs/digits');\n${snippet}`),
};

async function bundle(contents: string): Promise<string> {
  const { warnings, outputFiles } = await build({
    stdin: { contents, resolveDir: '.' },
    alias: { 'tfjs-blocks/summary': './src/summary/index.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  expect(warnings.filter(({ location }) => location?.file.startsWith('src/'))).toEqual([]);
  return outputFiles[0]!.text;
}

let browser: Browser;
let server: Server;
beforeAll(async () => {
  if (withoutChromium) return;
  const scripts = new Map<string, string>();
  for (const [path, code] of Object.entries(SCRIPTS)) scripts.set(path, await bundle(code));
  server = createServer(({ url = '/' }, response) => {
    const script = scripts.get(url);
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ?? `<script type="module" src="${url}.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
}, PATIENCE);
afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe.skipIf(withoutChromium)(`summaries in a browser${withoutChromium}`, () => {
  let context: BrowserContext;
  beforeEach(async () => {
    context = await browser.newContext();
    return () => context.close();
  });

  const address = (path: string) =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  async function open(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(address('/tests'));
    await page.waitForFunction(() => 'downloadLogs' in globalThis);
    return page;
  }

  /** The files of a log directory, as its download has them. */
  async function download(page: Page, path: string) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.evaluate((p) => (globalThis as unknown as Exported).downloadLogs(p), path),
    ]);
    return unzipSync(readFileSync(await file.path()));
  }

  it(
    'model.fit writes its runs to the origin-private file system, and a download brings them out',
    async () => {
      const page = await open();
      await page.evaluate(() => (globalThis as unknown as Exported).fit('logs/digits'));
      const files = await download(page, 'logs/digits');
      const paths = Object.keys(files).sort();
      expect(paths.map((path) => path.split('/')[0])).toEqual(['test', 'train']);
      const [test, train] = paths.map((path) => byTag(files[path]!));
      expect(test!.epoch_loss!.map(({ step }) => step)).toEqual([0, 1]);
      expect(train!.epoch_loss!.map(({ step }) => step)).toEqual([0, 1]);
      expect(train!.inputs![1]!.tensor!.string_val).toHaveLength(22);
      expect(Object.keys(train!).some((tag) => tag.endsWith('/kernel/histogram'))).toBe(true);
      expect(decode(files[paths[1]!]!).filter((event) => event.graph_def)).toHaveLength(1);
    },
    PATIENCE,
  );

  it(
    'what was flushed outlives a closed tab, and a new writer keeps it',
    async () => {
      const first = await open();
      await first.evaluate(() =>
        (globalThis as unknown as Exported).writeAndFlush('run', [0, 1, 2]),
      );
      await first.close();
      const second = await open();
      await second.evaluate(() => (globalThis as unknown as Exported).writeAndFlush('run', [3]));
      const files = await download(second, 'run');
      const steps = Object.keys(files)
        .sort()
        .map((path) => byTag(files[path]!).loss!.map(({ step }) => step));
      expect(steps).toEqual([[0, 1, 2], [3]]);
    },
    PATIENCE,
  );

  it(
    'a full disk fails the flush with a clear error, keeps what was flushed, and takes the rest later',
    async () => {
      const page = await open();
      const session = await context.newCDPSession(page);
      const { origin } = new URL(page.url());
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 200_000 });
      const { message, safe } = await page.evaluate(() => {
        return (globalThis as unknown as Exported).fill('full');
      });
      expect(message).toMatch(
        /^SummaryWriter: cannot write 'full\/events\.out\.tfevents\..*': .+; the events flushed before are intact$/,
      );
      expect(safe).toBeGreaterThan(0);
      await session.send('Storage.overrideQuotaForOrigin', { origin });
      const steps = async () => {
        const files = Object.values(await download(page, 'full'));
        expect(files).toHaveLength(1);
        return byTag(files[0]!).loss!.map(({ step }) => step);
      };
      expect(await steps()).toEqual([...Array(safe).keys()]);
      await page.evaluate(() => (globalThis as unknown as Exported).flushRest());
      expect(await steps()).toEqual([...Array(safe + 1).keys()]);
    },
    PATIENCE,
  );

  it(
    'a directory that is not there is refused by its path',
    async () => {
      const page = await open();
      const refused = page.evaluate(() =>
        (globalThis as unknown as Exported).downloadLogs('nowhere').catch((error) => error.message),
      );
      expect(await refused).toMatch(/^downloadLogs: cannot read 'nowhere': /);
    },
    PATIENCE,
  );

  it(
    'the snippet of the guide downloads the runs',
    async () => {
      const tab = await context.newPage();
      const [file] = await Promise.all([
        tab.waitForEvent('download', { timeout: PATIENCE }),
        tab.goto(address('/guide')),
      ]);
      expect(file.suggestedFilename()).toBe('digits.zip');
      const paths = Object.keys(unzipSync(readFileSync(await file.path())));
      expect(paths.map((path) => path.split('/')[0]).sort()).toEqual(['test', 'train']);
    },
    PATIENCE,
  );
});
