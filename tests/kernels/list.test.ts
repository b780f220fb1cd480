import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/kernels/list.js';

describe('KERNELS', () => {
  it('holds each name once', () => {
    const names = KERNELS.map(({ kernelName }) => kernelName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a source, a float64 reference and a test for every kernel', () => {
    const files = readdirSync('src/kernels', { recursive: true, encoding: 'utf8' });
    const sources = files.map((file) => basename(file));
    for (const { kernelName } of KERNELS) {
      const bare = kernelName.replace(/^(_|Blocks)/, '');
      const stem = bare[0]!.toLowerCase() + bare.slice(1);
      expect(sources, stem).toContain(`${stem}.ts`);
      for (const path of [`reference/${stem}.ts`, `${stem}.test.ts`]) {
        expect(existsSync(new URL(path, import.meta.url)), path).toBe(true);
      }
    }
  });
});
