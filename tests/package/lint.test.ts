import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { expect, inject, it } from 'vitest';
import { run } from './run.js';

it('publint finds nothing', async () => {
  const pkgDir = join(inject('app'), 'node_modules/tfjs-blocks');
  const { messages } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages).toEqual([]);
});

it('“are the types wrong” says no', async () => {
  const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js';
  // It fails when it finds a problem.
  const report = await run(process.execPath, [attw, inject('tarball'), '--profile', 'esm-only']);
  expect(report).toContain('"tfjs-blocks/backend"');
});

it('package.json says what it is, and every script is one word', () => {
  const { scripts, ...said } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(said).toMatchObject({
    ...{ name: 'tfjs-blocks', type: 'module', license: 'Apache-2.0', sideEffects: false },
    engines: { node: '>=20.19' },
  });
  const usual = ['build', 'check', 'lint', 'format', 'test', 'bench', 'docs', 'demo'];
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(usual));
  expect(Object.keys(scripts).filter((name) => !/^[a-z]+$/.test(name))).toEqual([]);
});
