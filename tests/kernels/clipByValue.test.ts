import { describe, expect, it } from 'vitest';
import { clipByValue as kernel } from '../../src/kernels/clipByValue.js';
import { noise } from '../support/float64.js';
import { clipByValue as reference } from './reference/clipByValue.js';
import { runOnArena } from './support/arena.js';

const attrs = { clipValueMin: -0.5, clipValueMax: 0.25 };

describe('ClipByValue', () => {
  it('is exact, reads and writes nothing outside of its tensors', () => {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 39, 16383, 16384, 16385, 32769]) {
      const values = noise(n, 1);
      const [y] = runOnArena(kernel, { x: { shape: [n], values } }, attrs);
      expect([...y!.values]).toEqual(reference(values, -0.5, 0.25));
    }
  });

  it('keeps NaN, and bounds infinity', () => {
    const values = [Number.NaN, 1 / 0, -1 / 0, 0, Number.NaN];
    const [y] = runOnArena(kernel, { x: { shape: [5], values } }, attrs);
    expect([...y!.values]).toEqual([Number.NaN, 0.25, -0.5, 0, Number.NaN]);
  });

  it('leaves integers to stock', () => {
    const x = { shape: [2], values: [1, 2], dtype: 'int32' as const };
    expect(() => runOnArena(kernel, { x }, attrs)).toThrow('the case is left to stock');
  });
});
