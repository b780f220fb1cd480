import { describe, expect, it } from 'vitest';
import { fusedBatchNorm as kernel } from '../../src/kernels/norm/fusedBatchNorm.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { fusedBatchNorm as reference, tolerance } from './reference/fusedBatchNorm.js';
import { runOnArena } from './support/arena.js';
import { ROWS_AND_CHANNELS } from './support/rows.js';

describe('FusedBatchNorm', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    const attrs = { varianceEpsilon: 1e-3 };
    for (const [m, c] of ROWS_AND_CHANNELS) {
      const x = noise(m * c, 1).map((v) => Math.fround(5 * v + 1));
      const [mean, scale, offset] = [noise(c, 2), noise(c, 3), noise(c, 4)];
      const variance = noise(c, 5).map((v) => Math.fround(v + 1));
      for (const affine of [true, false]) {
        const inputs = {
          x: { shape: [m, 1, c], values: x },
          mean: { shape: [c], values: mean },
          variance: { shape: [c], values: variance },
          ...(affine && {
            ...{ scale: { shape: [c], values: scale }, offset: { shape: [c], values: offset } },
          }),
        };
        const [gamma, beta] = affine ? [scale, offset] : [];
        const expected = reference(x, mean, variance, gamma, beta, 1e-3);
        for (const last of Object.keys(inputs)) {
          const [y] = runOnArena(kernel, inputs, attrs, last);
          expect(y!.shape).toEqual([m, 1, c]);
          await expectClose(y!.values, expected, { tolerance });
        }
      }
    }
  });

  it('leaves statistics of another rank to stock', () => {
    const [x, four] = [noise(8), { shape: [1, 1, 1, 4], values: [1, 1, 1, 1] }];
    const inputs = { x: { shape: [2, 1, 1, 4], values: x }, mean: four, variance: four };
    expect(() => runOnArena(kernel, inputs, { varianceEpsilon: 1e-3 })).toThrow('left to stock');
  });
});
