import { describe, expect, it } from 'vitest';
import { batchNormTrain as kernel } from '../../src/kernels/norm/batchNormTrain.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { BOUNDS, batchNormTrain as reference, tolerance } from './reference/batchNormTrain.js';
import { runOnArena } from './support/arena.js';
import { ROWS_AND_CHANNELS, shapeOf } from './support/rows.js';

const ACTIVATIONS = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];

describe('BlocksBatchNormTrain', () => {
  for (const activation of ACTIVATIONS) {
    it(`with ${activation} agrees with float64 loops, reads and writes nothing outside`, async () => {
      const attrs = { epsilon: 1e-3, activation };
      for (const [m, c] of ROWS_AND_CHANNELS) {
        const x = noise(m * c, 1).map((v, i) => Math.fround(5 * v + ((i % c) % 5) - 2));
        const [gamma, beta] = [noise(c, 2).map((v) => Math.fround(4 * v)), noise(c, 3)];
        for (const parameters of [{}, { gamma }, { beta }, { gamma, beta }]) {
          const inputs = {
            x: { shape: shapeOf(m, c), values: x },
            ...('gamma' in parameters && { gamma: { shape: [c], values: gamma } }),
            ...('beta' in parameters && { beta: { shape: [c], values: beta } }),
          };
          for (const last of Object.keys(inputs)) {
            const [y, mean, variance] = runOnArena(kernel, inputs, attrs, last);
            const expected = reference(x, c, inputs.gamma?.values, inputs.beta?.values, attrs);
            await expectClose(mean!.values, expected.mean, { tolerance });
            await expectClose(variance!.values, expected.variance, { tolerance });
            await expectClose(y!.values, expected.y, { tolerance });
          }
        }
      }
    });
  }

  it('moves averages along, to the bits of the formula', () => {
    const [averages, variances] = [1, 2].map((seed) => noise(3, seed).map(Math.fround));
    const inputs = {
      x: { shape: [7, 3], values: noise(21, 3) },
      movingMean: { shape: [3], values: averages! },
      movingVariance: { shape: [3], values: variances! },
    };
    const attrs = { epsilon: 1e-3, activation: 'linear', momentum: 0.99 };
    for (const last of Object.keys(inputs)) {
      const [, mean, variance, movedMean, movedVariance] = runOnArena(kernel, inputs, attrs, last);
      const rate = Math.fround(1 - 0.99);
      const { fround } = Math;
      const moved = (before: ArrayLike<number>, found: ArrayLike<number>) =>
        Array.from(before, (b, c) => fround(b - fround(fround(b - found[c]!) * rate)));
      expect([...movedMean!.values]).toEqual(moved(averages!, mean!.values));
      expect([...movedVariance!.values]).toEqual(moved(variances!, variance!.values));
    }
  });

  it('keeps the variance of a small spread about a large mean', async () => {
    const x = noise(5000 * 3, 1).map((v) => Math.fround(v / 100 + 1000));
    const attrs = { epsilon: 1e-3, activation: 'linear' as const };
    const [, , variance] = runOnArena(kernel, { x: { shape: [5000, 3], values: x } }, attrs);
    const expected = reference(x, 3, undefined, undefined, attrs).variance;
    for (const c of [0, 1, 2]) expect(variance!.values[c]! / expected[c]!).toBeCloseTo(1, 4);
  });

  it('keeps NaN, through relu too', () => {
    const x = noise(40, 1);
    x[5] = Number.NaN;
    const inputs = { x: { shape: [10, 4], values: x } };
    const [y, mean, variance] = runOnArena(kernel, inputs, { epsilon: 1e-3, activation: 'relu' });
    expect(y!.values.filter(Number.isNaN).length).toBe(10);
    expect([mean!.values[1], variance!.values[1]]).toEqual([Number.NaN, Number.NaN]);
    expect(mean!.values[0]).not.toBe(Number.NaN);
  });

  it('refuses an activation that it does not fuse', () => {
    const inputs = { x: { shape: [1, 4], values: noise(4) } };
    expect(() => runOnArena(kernel, inputs, { epsilon: 1e-3, activation: 'mish' })).toThrow(
      "BlocksBatchNormTrain: activation must be linear, relu, relu6, got 'mish'",
    );
  });
});
