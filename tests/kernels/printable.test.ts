import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { BINARY } from '../../src/kernels/runtime/binary.generated.js';
import { bytesOfText } from '../../src/kernels/runtime/printable.js';
import { ALPHABET, printable } from '../../tools/printable.js';

const EVERY = Uint8Array.from({ length: 256 * 256 * 2 }, (_, i) =>
  i % 2 === 0 ? i >> 9 : (i >> 1) & 0xff,
);

it('text has the bytes that it was made of, whatever they are and follow', () => {
  expect(Buffer.compare(bytesOfText(printable(EVERY)), EVERY)).toBe(0);
  expect(bytesOfText('')).toHaveLength(0);
});

it('text stays as it is in string literals and scripts, with any quotes', () => {
  expect(new Set(ALPHABET).size).toBe(88);
  expect(ALPHABET).toMatch(/^[!-~]+$/);
  expect(ALPHABET).not.toMatch(/["'`\\$<]/);
  expect(new Set(printable(EVERY))).toEqual(new Set(ALPHABET));
});

it('text of the kernels is compressed as well as they are, and base64 is not', () => {
  const bytes = bytesOfText(BINARY);
  const sizeOf = (data: string | Uint8Array) => gzipSync(data, { level: 9 }).length;
  expect(sizeOf(BINARY)).toBeLessThan(1.03 * sizeOf(bytes));
  expect(sizeOf(Buffer.from(bytes).toString('base64'))).toBeGreaterThan(1.35 * sizeOf(BINARY));
});
