import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium as launcher } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chromium, withoutChromium } from '../support/chromium.js';
import { run } from './run.js';

interface Section {
  title: string;
  /** Contents by file name: those of the section and of the sections that it stands beside. */
  files: Record<string, string>;
  commands: string[];
}

/** What docs/checklist.md says, section by section. */
function checklist(): Section[] {
  const sections = readFileSync('docs/checklist.md', 'utf8').split(/^## /m).slice(1);
  const filesOf = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [name!, code!]),
    );
  const anchor = (text: string) => text.split('\n')[0]!.toLowerCase().replaceAll(' ', '-');
  return sections.map((text) => {
    const beside = sections.filter((other) => text.includes(`](#${anchor(other)})`));
    const commands = /^```sh\n(.*?)^```$/ms.exec(text)?.[1]?.trim().split('\n') ?? [];
    return {
      title: text.split('\n')[0]!,
      files: Object.assign({}, ...[...beside, text].map(filesOf)),
      commands,
    };
  });
}

const programs = checklist().filter(({ commands }) => commands.length > 0);
const RESULT = /^wasm, simd kernels: loss \d\.\d{3}$/;
const isPage = ({ files }: Section) =>
  Object.keys(files).some((name) => name.endsWith('index.html'));

describe('docs/checklist.md, from the packed package in empty folders', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'checklist-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  /** Writes a section's files and runs its commands, all but the last; returns the folder and that one. */
  async function prepare({ title, files, commands }: Section): Promise<[string, string]> {
    const folder = join(root, title.toLowerCase().replaceAll(' ', '-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    for (const command of commands.slice(0, -1)) {
      const real = command
        .replace(/^npm install /, '$&--prefer-offline --no-audit --no-fund ')
        .replace(' tfjs-blocks ', ` ${inject('tarball')} `);
      await run('sh', ['-c', real], folder);
    }
    return [folder, commands.at(-1)!];
  }

  it('has a Node script, a TypeScript project, and three kinds of pages', () => {
    expect(programs.map(({ title }) => title)).toEqual([
      'A Node script',
      'A TypeScript project',
      'A Vite app',
      'A webpack app',
      'A page without a bundler',
    ]);
    expect(programs.map(isPage)).toEqual([false, false, true, true, true]);
  });

  it.each(programs.filter((program) => !isPage(program)))('$title trains', async (program) => {
    const [folder, command] = await prepare(program);
    expect((await run('sh', ['-c', command], folder)).trim()).toMatch(RESULT);
  });

  describe.skipIf(withoutChromium)(`in Chromium${withoutChromium}`, () => {
    it.each(programs.filter(isPage))('$title trains', async (program) => {
      const [folder, command] = await prepare(program);
      const freePort = command.includes('vite')
        ? ' --port 0'
        : `${/ dist$/.test(command) ? '' : ' .'} 0`;
      const server = await serve(command + freePort, folder);
      const browser = await launcher.launch({
        executablePath: chromium,
        args: ['--no-sandbox'],
      });
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', ({ message }) => errors.push(message));
        await page.goto(server.url);
        const result = page.locator('#result:not(:empty)');
        await result.waitFor({ timeout: 60_000 }).catch(() => expect(errors).toEqual([]));
        expect(await result.textContent()).toMatch(RESULT);
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
        // One for each thread besides the page's own.
        expect(page.workers()).toHaveLength(Math.min(8, availableParallelism()) - 1);
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
        server.stop();
      }
    });
  });
});

/** Starts a server, which prints its address. */
async function serve(command: string, cwd: string): Promise<{ url: string; stop: () => void }> {
  // A process group of its own, since npx and sh have children.
  const child = spawn('sh', ['-c', command], {
    cwd,
    detached: true,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const stop = () => void process.kill(-child.pid!);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        const address = /http:\/\/localhost:\d+\//.exec(said);
        if (address) resolve(address[0]);
      });
    }
    child.on('close', () => reject(new Error(`${command} ended: ${said}`)));
  });
  return { url, stop };
}
