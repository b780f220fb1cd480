import { describe, expect, it } from 'vitest';
import { resizeBilinearGrad as kernel } from '../../src/kernels/resizing/resizeBilinearGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { resizeBilinearGrad as reference, tolerance } from './reference/resizeBilinearGrad.js';
import { runOnArena } from './support/arena.js';
import { sizeOf } from './support/moves.js';
import { resizes } from './support/resizes.js';

describe('ResizeBilinearGrad', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const { shape, size, grid } of resizes()) {
      const dyShape = [shape[0]!, ...size, shape[3]!];
      const inputs = {
        images: { shape, values: noise(sizeOf(shape), 1) },
        dy: { shape: dyShape, values: noise(sizeOf(dyShape), 2) },
      };
      const [dx] = runOnArena(kernel, inputs, grid, 'dy');
      expect(dx!.shape).toEqual(shape);
      await expectClose(dx!.values, reference(inputs.dy.values, shape, size, grid), { tolerance });
    }
  });

  it('keeps NaN and infinity', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const images = { shape: [1, 2, 2, 5], values: noise(20) };
      const dy = { shape: [1, 2, 2, 5], values: noise(20).fill(bad, 0, 5) };
      const attrs = { alignCorners: false, halfPixelCenters: false };
      expect(runOnArena(kernel, { images, dy }, attrs)[0]!.values[4]).toBe(bad);
    }
  });

  it('refuses integers, and a dy of another batch', () => {
    const images = { shape: [1, 1, 1, 2], values: [1, 2] };
    const attrs = { alignCorners: false, halfPixelCenters: false };
    expect(() => runOnArena(kernel, { images, dy: { ...images, dtype: 'int32' } }, attrs)).toThrow(
      'ResizeBilinearGrad: dy must be float32, got int32',
    );
    const dy = { shape: [2, 1, 1, 1], values: [1, 2] };
    expect(() => runOnArena(kernel, { images, dy }, attrs)).toThrow(
      'ResizeBilinearGrad: dy must have the batch and the channels of the images, [1, 1, 1, 2], got [2, 1, 1, 1]',
    );
  });
});
