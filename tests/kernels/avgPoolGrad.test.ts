import { describe, expect, it } from 'vitest';
import { avgPoolGrad as kernel } from '../../src/kernels/pooling/avgPoolGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { avgPoolGrad as reference, tolerance } from './reference/avgPoolGrad.js';
import { runOnArena } from './support/arena.js';
import { poolCase, poolCases, sizeOf } from './support/poolCases.js';

describe('AvgPoolGrad', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of poolCases()) {
      const inputs = {
        input: { shape: c.shape, values: noise(sizeOf(c.shape), 1) },
        dy: { shape: c.out, values: noise(sizeOf(c.out), 2) },
      };
      for (const last of ['input', 'dy']) {
        const [dx] = runOnArena(kernel, inputs, c.attrs, last);
        expect(dx!.shape, c.title).toEqual(c.shape);
        await expectClose(dx!.values, reference(inputs.dy.values, c), { tolerance });
      }
    }
  });

  it('keeps NaN and infinity', () => {
    const c = poolCase([1, 2, 2, 4], [2, 2], [2, 2], 'valid');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const inputs = {
        input: { shape: c.shape, values: noise(16) },
        dy: { shape: c.out, values: noise(4).fill(bad) },
      };
      expect(runOnArena(kernel, inputs, c.attrs)[0]!.values[0]).toBe(bad);
    }
  });

  it('refuses integers, and a dy of another batch', () => {
    const { attrs } = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    const input = { shape: [1, 2, 2, 1], values: noise(4) };
    const dy = { shape: [1, 1, 1, 1], values: [1] };
    expect(() => runOnArena(kernel, { input, dy: { ...dy, dtype: 'int32' } }, attrs)).toThrow(
      'AvgPoolGrad: dy must be float32, got int32',
    );
    expect(() => runOnArena(kernel, { input, dy: { ...dy, shape: [1, 1, 1, 0] } }, attrs)).toThrow(
      'AvgPoolGrad: dy must have the batch and the channels of the input, [1, 2, 2, 1], got [1, 1, 1, 0]',
    );
  });
});
