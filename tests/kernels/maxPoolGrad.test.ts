import { describe, expect, it } from 'vitest';
import { maxPoolGrad as kernel } from '../../src/kernels/pooling/maxPoolGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { maxPool } from './reference/maxPool.js';
import { maxPoolGrad as reference, tolerance } from './reference/maxPoolGrad.js';
import { runOnArena } from './support/arena.js';
import { type PoolCase, poolCase, poolCases, sizeOf } from './support/poolCases.js';

function inputsOf(x: Float64Array, c: PoolCase) {
  return {
    input: { shape: c.shape, values: x },
    output: { shape: c.out, values: maxPool(x, c) },
    dy: { shape: c.out, values: noise(sizeOf(c.out), 2) },
  };
}

describe('MaxPoolGrad', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of poolCases()) {
      const inputs = inputsOf(noise(sizeOf(c.shape), 1), c);
      const expected = reference(inputs.input.values, inputs.dy.values, c);
      for (const last of ['input', 'output', 'dy']) {
        const [dx] = runOnArena(kernel, inputs, c.attrs, last);
        expect(dx!.shape, c.title).toEqual(c.shape);
        await expectClose(dx!.values, expected, { tolerance });
      }
    }
  });

  it('gives dy to the first of equal cells, also where none is above 0', async () => {
    for (const value of [-3, 0, 5]) {
      const c = poolCase([1, 5, 5, 5], [3, 3], [2, 2], 'same');
      const inputs = inputsOf(new Float64Array(125).fill(value), c);
      const [dx] = runOnArena(kernel, inputs, c.attrs);
      const expected = reference(inputs.input.values, inputs.dy.values, c);
      await expectClose(dx!.values, expected, { tolerance });
    }
  });

  it('loses no dy where a window is NaN, and keeps a NaN of dy', () => {
    const c = poolCase([1, 2, 2, 4], [2, 2], [2, 2], 'valid');
    const inputs = inputsOf(new Float64Array(16).fill(Number.NaN), c);
    inputs.dy.values.fill(1);
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b);
    expect(sum(runOnArena(kernel, inputs, c.attrs)[0]!.values)).toBe(4);
    inputs.dy.values.fill(Number.NaN);
    expect(runOnArena(kernel, inputs, c.attrs)[0]!.values[0]).toBe(Number.NaN);
  });

  it('refuses integers, and a dy of another batch', () => {
    const c = poolCase([1, 2, 2, 1], [2, 2], [2, 2], 'valid');
    const inputs = inputsOf(noise(4), c);
    const integers = { ...inputs, input: { ...inputs.input, dtype: 'int32' as const } };
    expect(() => runOnArena(kernel, integers, c.attrs)).toThrow(
      'MaxPoolGrad: input must be float32, got int32',
    );
    const other = { ...inputs, dy: { shape: [2, 1, 1, 1], values: noise(2) } };
    expect(() => runOnArena(kernel, other, c.attrs)).toThrow(
      'MaxPoolGrad: dy must have the batch and the channels of the input, [1, 2, 2, 1], got [2, 1, 1, 1]',
    );
  });
});
