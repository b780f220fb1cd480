import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPython, withoutPython } from './support/python.js';

const check = (...args: string[]) => runPython('tools/golden/write.py', '--check', ...args);

describe.skipIf(withoutPython)(`golden values${withoutPython}`, { timeout: 600_000 }, () => {
  it('are what the other systems compute today', async () => {
    await check();
  });

  it('are refused by name when one number in a fixture is wrong', async () => {
    const fixtures = await mkdtemp(join(tmpdir(), 'fixtures-'));
    try {
      const cases = JSON.parse(await readFile('tests/fixtures/upsample.json', 'utf8'));
      cases[0].dx.data[3] += 0.01;
      await writeFile(join(fixtures, 'upsample.json'), JSON.stringify(cases));
      await expect(check('--fixtures', fixtures, 'upsample')).rejects.toMatchObject({
        stdout: expect.stringContaining(`upsample ${cases[0].name} dx data[3]: has`),
      });
    } finally {
      await rm(fixtures, { recursive: true });
    }
  });
});
