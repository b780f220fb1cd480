import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { ENTRIES } from './package/entries.js';

const page = readFileSync('docs/porting.md', 'utf8');

/** The names in the middle column of the tables of a section. */
function namesIn(section: string): string[] {
  return section
    .split('\n')
    .filter((line) => /^\| (?!there|---)/.test(line))
    .map((line) => line.split(/ \| /)[1]!)
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
}

/** Whether a dotted name leads to an export, or to a method of an exported class. */
function exists(exported: Record<string, unknown>, name: string): boolean {
  let value: unknown = exported;
  return name.split('.').every((key, i, { length }) => {
    const { prototype = {} } = Object(value);
    if (key in prototype) return i === length - 1;
    value = Object(value)[key];
    return value !== undefined;
  });
}

describe('docs/porting.md', () => {
  const sections = page.split(/^## /m).slice(1, 4);

  it.each(sections.map((text) => [text.split('\n')[0]!, text]))(
    '%s: every name here is exported',
    async (_, section) => {
      const exported: Record<string, unknown> = { tf, tfl };
      for (const { source } of ENTRIES) {
        Object.assign(exported, await import(/* @vite-ignore */ `../${source}`));
      }
      const names = namesIn(section);
      expect(names.length).toBeGreaterThan(20);
      expect(names.filter((name) => !exists(exported, name))).toEqual([]);
    },
  );
});
