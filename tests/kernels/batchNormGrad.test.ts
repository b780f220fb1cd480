import { describe, expect, it } from 'vitest';
import { batchNormGrad as kernel } from '../../src/kernels/norm/batchNormGrad.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { batchNormGrad as reference, tolerance } from './reference/batchNormGrad.js';
import { batchNormTrain } from './reference/batchNormTrain.js';
import { runOnArena } from './support/arena.js';
import { ROWS_AND_CHANNELS, shapeOf } from './support/rows.js';

describe('BlocksBatchNormGrad', () => {
  for (const activation of ['linear', 'relu', 'relu6'] as const) {
    it(`with ${activation} agrees with float64 loops, reads and writes nothing outside`, async () => {
      for (const [m, c] of ROWS_AND_CHANNELS) {
        const x = noise(m * c, 1).map((v, i) => Math.fround(5 * v + ((i % c) % 5) - 2));
        const gamma = noise(c, 2).map((v) => Math.fround(4 * v));
        const forward = batchNormTrain(x, c, gamma, undefined, { epsilon: 1e-3, activation });
        const y = forward.y.map(Math.fround);
        const [mean, variance] = [forward.mean.map(Math.fround), forward.variance.map(Math.fround)];
        const dy = noise(m * c, 4);
        for (const fixed of [false, true]) {
          const attrs = { epsilon: 1e-3, activation, fixed };
          const tensor = (values: Float64Array, shape = shapeOf(m, c)) => ({ shape, values });
          const inputs = {
            ...{ x: tensor(x), dy: tensor(dy), y: tensor(y) },
            ...{ mean: tensor(mean, [c]), variance: tensor(variance, [c]) },
            ...(fixed || m % 2 ? { gamma: tensor(gamma, [c]) } : {}),
          };
          const expected = reference(x, dy, y, mean, variance, inputs.gamma?.values, attrs);
          for (const last of Object.keys(inputs)) {
            const outputs = runOnArena(kernel, inputs, attrs, last);
            expect(outputs.length).toBe(expected.length);
            for (const [i, { values }] of outputs.entries()) {
              await expectClose(values, expected[i]!, { tolerance });
            }
          }
        }
      }
    });
  }

  it('keeps NaN', () => {
    const values = noise(40, 1);
    const dy = noise(40, 2);
    dy[6] = Number.NaN;
    const inputs = {
      ...{ x: { shape: [10, 4], values }, dy: { shape: [10, 4], values: dy } },
      ...{ y: { shape: [10, 4], values: values.map(Math.abs) } },
      mean: { shape: [4], values: noise(4) },
      variance: { shape: [4], values: [1, 2, 3, 4] },
    };
    const attrs = { epsilon: 1e-3, activation: 'relu', fixed: false };
    const [dx, dGamma, dBeta] = runOnArena(kernel, inputs, attrs);
    expect(dx!.values.filter(Number.isNaN).length).toBe(10);
    expect([dGamma!.values[2], dBeta!.values[2]]).toEqual([Number.NaN, Number.NaN]);
    expect(dBeta!.values[1]).not.toBe(Number.NaN);
  });
});
