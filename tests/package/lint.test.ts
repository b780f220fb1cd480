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
