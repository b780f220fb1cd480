import { clipByValue, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { clipByValue as kernel } from '../../src/kernels/elementwise/clipByValue.js';
import { noise } from '../support/float64.js';
import { clipByValue as reference } from './reference/clipByValue.js';
import { runOnArena } from './support/arena.js';
import { onOurKernels } from './support/registered.js';

const attrs = { clipValueMin: -0.5, clipValueMax: 0.25 };

describe('ClipByValue', () => {
  const { onStock } = onOurKernels();

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

  it('keeps integers within bounds, which count without their fraction', () => {
    for (const n of [0, 1, 3, 4, 5, 9, 16383, 16384, 16385, 32769]) {
      const values = Int32Array.from(noise(n, 1), (v) => v * 2 ** 30);
      const x = { shape: [n], values, dtype: 'int32' as const };
      const [low, high] = [-(2 ** 28) - 0.5, 2 ** 27 + 0.5];
      const [y] = runOnArena(kernel, { x }, { clipValueMin: low, clipValueMax: high });
      const expected = reference(values, Math.trunc(low), Math.trunc(high));
      expect([...new Int32Array(y!.values.buffer)]).toEqual(expected);
    }
    const ends = { shape: [2], values: [-(2 ** 31), 2 ** 31 - 1], dtype: 'int32' as const };
    const [y] = runOnArena(kernel, { x: ends }, { clipValueMin: -1 / 0, clipValueMax: 1 / 0 });
    expect([...new Int32Array(y!.values.buffer)]).toEqual(ends.values);
  });

  it('is right on integers, where stock returns the bits of floats', () => {
    const clipped = () => [...clipByValue(tensor1d([-5, 0, 3, 9], 'int32'), -2, 4).dataSync()];
    expect(clipped()).toEqual([-2, 0, 3, 4]);
    expect(onStock(clipped)).not.toEqual([-2, 0, 3, 4]);
  });

  it('leaves booleans to stock', () => {
    const x = { shape: [2], values: [1, 0], dtype: 'bool' as const };
    expect(() => runOnArena(kernel, { x }, attrs)).toThrow('the case is left to stock');
  });
});
