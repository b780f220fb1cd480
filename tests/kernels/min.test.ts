import { describe, expect, it } from 'vitest';
import { min as kernel } from '../../src/kernels/min.js';
import { min as reference } from './reference/min.js';
import { runOnArena } from './support/arena.js';

const attrs = { axis: [0], keepDims: false };

describe('Min', () => {
  it('is ∞ where there is nothing', () => {
    const [y] = runOnArena(kernel, { x: { shape: [0, 3], values: [] } }, attrs);
    expect(y!.shape).toEqual([3]);
    expect([...y!.values]).toEqual([reference, reference, reference]);
  });

  it('leaves everything else to stock', () => {
    const integers = { shape: [0, 3], values: [], dtype: 'int32' as const };
    for (const x of [{ shape: [1], values: [1] }, integers]) {
      expect(() => runOnArena(kernel, { x }, attrs)).toThrow('the case is left to stock');
    }
  });
});
