import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from './support/compile.js';
import { anchorsOf, linksOf, snippetsOf } from './support/snippets.js';

// Inside the package, so that `tfjs-blocks` means the built package itself.
const FOLDER = '.snippets';
const COMPILER_OPTIONS =
  '--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node'.split(
    ' ',
  );
const guides = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'assembly/README.md',
  'examples/README.md',
  ...guides,
].filter(existsSync);

describe('the guides', () => {
  // One program a page: a snippet goes on where those before it ended.
  const programs = guides.filter((page) => snippetsOf(page).length > 0);
  const fileOf = (page: string) => join(FOLDER, `${basename(page, '.md')}.ts`);
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  };

  beforeAll(() => {
    mkdirSync(FOLDER, { recursive: true });
    for (const page of programs) writeFileSync(fileOf(page), snippetsOf(page).join('\n'));
  });
  afterAll(() => rmSync(FOLDER, { recursive: true }));

  it('have snippets that compile', () => {
    node('node_modules/typescript/bin/tsc', ...COMPILER_OPTIONS, ...programs.map(fileOf));
  });

  for (const page of programs) {
    it(`${page}: its snippets run in their order`, () => node('--import', 'tsx', fileOf(page)));
  }
});

describe('the changelog', () => {
  const [, ...entries] = readFileSync('CHANGELOG.md', 'utf8').split(/^- /m);

  it('has a snippet of every change', () => {
    expect(entries.length).toBeGreaterThan(30);
    expect(entries.filter((entry) => !/^ {2}```\w+\n.*^ {2}```$/ms.test(entry))).toEqual([]);
  });

  it('has snippets that compile', async () => {
    const snippets = entries.flatMap((entry) =>
      [...entry.matchAll(/^ {2}```(?:ts|js)\n(.*?)^ {2}```$/gms)].map((match): [string, string] => [
        entry.slice(0, 40),
        match[1]!.replace(/^ {2}/gm, ''),
      ]),
    );
    expect(await compile(new Map(snippets))).toEqual([]);
  });
});

describe('links', () => {
  for (const page of pages) {
    it(`${page}: every relative link leads to a file and a heading`, () => {
      const broken = linksOf(page).filter(({ target }) => {
        const [path, anchor] = target.split('#') as [string, string?];
        const file = path === '' ? page : join(dirname(page), path);
        return !existsSync(file) || (anchor && !anchorsOf(file).includes(anchor));
      });
      expect(broken).toEqual([]);
    });
  }
});
