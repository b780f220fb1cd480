import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENTRIES } from './package/entries.js';
import { run } from './package/run.js';

it('the API documentation covers every entry', () => {
  const { entryPoints } = JSON.parse(readFileSync('typedoc.json', 'utf8'));
  expect(entryPoints).toEqual(ENTRIES.map(({ source }) => source));
});

it('the API documentation has no warning', { timeout: 600_000 }, async () => {
  // typedoc.json makes a warning an error.
  await run(process.execPath, ['node_modules/typedoc/bin/typedoc', '--emit', 'none']);
});
