import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { keptSize, winogradKept } from '../../src/kernels/convolution/winogradKept.js';
import type { Kernel } from '../../src/kernels/kernel.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2D as reference } from './reference/conv2D.js';
import { runOnArena } from './support/arena.js';
import { type ConvCase, convCase, explicit, type Pad } from './support/convCases.js';

/** F(4×4) as in tests/kernels/winograd.test.ts; the points of F(2×2), 0, ±1 and ∞, cost half a digit. */
const TOLERANCE = { 2: 2e-6, 4: 8e-6 };

/** Sizes around both tiles, channels in fours and sixteens, every padding up to 2. */
const CASES = [
  ...[1, 2, 3, 4, 5, 7, 8, 9].map((h) => convCase([2, h, 3, 4], 16, [3, 3], [1, 1], 'same')),
  ...[3, 4, 5, 6, 7, 10, 11].map((w) => convCase([1, 5, w, 8], 32, [3, 3], [1, 1], 'valid')),
  ...[4, 8, 12, 20].map((ci) => convCase([1, 6, 7, ci], 48, [3, 3], [1, 1], 'same')),
  ...[2, explicit(0, 2, 1, 0), explicit(2, 0, 2, 1)].map((pad) =>
    convCase([2, 5, 6, 8], 16, [3, 3], [1, 1], pad as Pad),
  ),
];

const tensor = (shape: number[], seed: number) => ({
  shape,
  values: noise(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});

const inputsOf = ({ batch, height, width, inChannels, outChannels, out }: ConvCase) => ({
  x: tensor([batch, height, width, inChannels], 1),
  filter: tensor([3, 3, inChannels, outChannels], 2),
  residual: tensor([batch, ...out, outChannels], 3),
});

/** A case as a kernel, with a shortcut and an activation. */
function kernelOf(c: ConvCase, size: 2 | 4, high = Number.POSITIVE_INFINITY): Kernel {
  const { batch, height, width, inChannels, outChannels, out, top, left } = c;
  return {
    kernelName: 'winogradKept',
    run(heap, inputs: { x: Tensor4D; filter: Tensor4D; residual: Tensor4D }) {
      const output = heap.output([batch, ...out, outChannels]);
      const [x, filter, residual] = [inputs.x, inputs.filter, inputs.residual].map((t) =>
        heap.address(t),
      );
      winogradKept(
        heap,
        {
          ...{
            x: x!,
            filter: filter!,
            y: output.address,
            batch,
            inChannels,
            outChannels,
            top,
            left,
          },
          ...{ inHeight: height, inWidth: width, outHeight: out[0], outWidth: out[1] },
          epilogue: { bias: null, bounds: [Number.NEGATIVE_INFINITY, high], residual },
        },
        size,
      );
      return output.info;
    },
  } as Kernel<{ x: Tensor4D; filter: Tensor4D; residual: Tensor4D }, object> as Kernel;
}

describe('Winograd convolution by a kept filter', () => {
  for (const size of [2, 4] as const) {
    it(`by tiles of ${size}×${size} agrees with float64 loops, and touches nothing outside`, async () => {
      for (const c of CASES) {
        const inputs = inputsOf(c);
        const sums = reference(inputs.x.values, inputs.filter.values, c);
        const { values } = inputs.residual;
        const largest = sums.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
        const expected = sums.map((sum, i) => Math.min(sum + values[i]!, largest / 2));
        for (const last of Object.keys(inputs)) {
          const [y] = runOnArena(kernelOf(c, size, largest / 2), inputs, {}, last);
          await expectClose(y!.values, expected, { tolerance: 2 * TOLERANCE[size] });
        }
      }
    });
  }

  it('keeps NaN within its tile', () => {
    const c = convCase([1, 8, 8, 4], 16, [3, 3], [1, 1], 'same');
    const inputs = inputsOf(c);
    inputs.x.values[0] = Number.NaN;
    const [y] = runOnArena(kernelOf(c, 2), inputs, {});
    const bad = [...y!.values.keys()].filter((i) => Number.isNaN(y!.values[i]));
    expect(new Set(bad.map((i) => Math.floor(i / 16)))).toEqual(new Set([0, 1, 8, 9]));
  });

  it('takes small tiles where reading the filter takes longer than the products', () => {
    const size = (outHeight: number, batch = 1, outChannels = 64) =>
      keptSize({ batch, outHeight, outWidth: outHeight, outChannels });
    expect([4, 7, 14, 28, 36].map((side) => size(side))).toEqual([2, 2, 4, 4, null]);
    expect([size(7, 8), size(7, 17), size(7, 1, 24)]).toEqual([4, null, null]);
  });
});
