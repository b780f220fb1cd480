import { describe, expect, it } from 'vitest';
import { resizeNearestNeighbor as kernel } from '../../src/kernels/resizing/resizeNearestNeighbor.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import {
  resizeNearestNeighbor as reference,
  tolerance,
} from './reference/resizeNearestNeighbor.js';
import { runOnArena } from './support/arena.js';
import { sizeOf } from './support/moves.js';
import { resizes } from './support/resizes.js';

describe('ResizeNearestNeighbor', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const { shape, size, grid } of resizes()) {
      const images = { shape, values: noise(sizeOf(shape), 1) };
      const [y] = runOnArena(kernel, { images }, { size, ...grid });
      expect(y!.shape).toEqual([shape[0], ...size, shape[3]]);
      await expectClose(y!.values, reference(images.values, shape, size, grid), { tolerance });
    }
  });

  it('keeps NaN', () => {
    const images = { shape: [1, 2, 2, 5], values: noise(20).fill(Number.NaN, 0, 5) };
    const attrs = { size: [2, 2], alignCorners: false, halfPixelCenters: false };
    expect(runOnArena(kernel, { images }, attrs)[0]!.values[4]).toBe(Number.NaN);
  });

  it('leaves integers to stock', () => {
    const images = { shape: [1, 1, 1, 1], values: [1], dtype: 'int32' as const };
    const attrs = { size: [2, 2], alignCorners: false, halfPixelCenters: false };
    expect(() => runOnArena(kernel, { images }, attrs)).toThrow('the case is left to stock');
  });
});
