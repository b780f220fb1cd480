import { backend_util } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { conv2DBackpropFilter } from '../../src/kernels/convolution/conv2DBackpropFilter.js';
import { conv2DBackpropInput } from '../../src/kernels/convolution/conv2DBackpropInput.js';
import { fusedConv2D } from '../../src/kernels/convolution/fusedConv2D.js';
import { setWinograd, worthWinograd } from '../../src/kernels/convolution/winograd.js';
import type { Kernel } from '../../src/kernels/kernel.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2DBackpropFilter as filterReference } from './reference/conv2DBackpropFilter.js';
import { conv2DBackpropInput as inputReference } from './reference/conv2DBackpropInput.js';
import { fusedConv2D as reference } from './reference/fusedConv2D.js';
import { runOnArena, type Values } from './support/arena.js';
import { type ConvCase, convCase, explicit, type Pad } from './support/convCases.js';

/** The points ±2 cost a digit: measured up to 4e-6 of the largest sum, 9e-6 with 128 channels. */
const tolerance = 1.2e-5;

/** Sizes around the tile of 4, channels in fours, every padding up to 2. */
const CASES = [
  ...[4, 5, 7, 8, 9].map((h) => convCase([16, h, 6, 8], 8, [3, 3], [1, 1], 'same')),
  ...[6, 7, 9, 10].map((w) => convCase([16, 6, w, 8], 16, [3, 3], [1, 1], 'valid')),
  ...[8, 12, 16, 20].map((ci) => convCase([3, 9, 17, ci], 8, [3, 3], [1, 1], 'same')),
  ...[8, 12, 16, 20].map((co) => convCase([3, 9, 17, 8], co, [3, 3], [1, 1], 'same')),
  ...[2, explicit(0, 2, 1, 0), explicit(2, 0, 2, 1)].map((pad) =>
    convCase([5, 8, 9, 8], 12, [3, 3], [1, 1], pad as Pad),
  ),
  // More tiles side by side than one strip has.
  convCase([2, 10, 39, 8], 8, [3, 3], [1, 1], 'same'),
  convCase([7, 3, 37, 12], 8, [3, 3], [1, 1], 2),
  // The filter gradient in parts, and few tiles of many channels.
  convCase([18, 17, 13, 8], 8, [3, 3], [1, 1], 'same'),
  convCase([5, 8, 7, 128], 132, [3, 3], [1, 1], 'same'),
  convCase([5, 7, 8, 128], 136, [3, 3], [1, 1], 'same'),
  convCase([5, 6, 11, 132], 128, [3, 3], [1, 1], 'valid'),
];

const tensor = (shape: number[], seed: number): Values => ({
  shape,
  values: noise(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});
const inputShape = ({ batch, height, width, inChannels }: ConvCase) => [
  ...[batch, height, width, inChannels],
];
const filterShape = ({ inChannels, outChannels }: ConvCase) => [3, 3, inChannels, outChannels];
const outputShape = ({ batch, out, outChannels }: ConvCase) => [batch, ...out, outChannels];

function worth(c: ConvCase, [height, width]: [number, number]): boolean {
  const info = backend_util.computeConv2DInfo(
    inputShape(c) as [number, number, number, number],
    filterShape(c) as [number, number, number, number],
    1,
    1,
    c.attrs.pad,
  );
  return worthWinograd(info, [height, width]);
}

/** `sums` are what is expected before the activation. */
async function check(
  kernel: Kernel,
  inputs: Record<string, Values>,
  attrs: object,
  expected: Float64Array,
  sums = expected,
): Promise<void> {
  const clipped = largest(sums) / largest(expected);
  for (const last of Object.keys(inputs)) {
    const [output] = runOnArena(kernel, inputs, attrs, last);
    await expectClose(output!.values, expected, { tolerance: tolerance * clipped });
  }
}

const largest = (values: Float64Array) =>
  values.reduce((most, v) => Math.max(most, Math.abs(v)), 1);

describe('Winograd convolution', () => {
  afterEach(() => setWinograd(true));

  it('agrees with float64 loops, with bias and relu, and touches nothing outside', async () => {
    for (const c of CASES.filter((c) => worth(c, c.out))) {
      const [x, filter] = [tensor(inputShape(c), 1), tensor(filterShape(c), 2)];
      const bias = tensor([c.outChannels], 3);
      for (const activation of ['linear', 'relu6'] as const) {
        const attrs = { ...c.attrs, dilations: 1, activation };
        const [sums, expected] = (['linear', activation] as const).map((f) => {
          return reference(x.values, filter.values, bias.values, f, c);
        });
        await check(fusedConv2D, { x, filter, bias }, attrs, expected!, sums);
      }
    }
  });

  it('of the input gradient agrees with float64 loops, and touches nothing outside', async () => {
    for (const c of CASES.filter((c) => worth(c, [c.height, c.width]))) {
      const [dy, filter] = [tensor(outputShape(c), 1), tensor(filterShape(c), 2)];
      const attrs = { ...c.attrs, inputShape: inputShape(c) };
      const expected = inputReference(dy.values, filter.values, c);
      await check(conv2DBackpropInput, { dy, filter }, attrs, expected);
    }
  });

  it('of the filter gradient agrees with float64 loops, and touches nothing outside', async () => {
    for (const c of CASES.filter((c) => worth(c, c.out))) {
      const [x, dy] = [tensor(inputShape(c), 1), tensor(outputShape(c), 2)];
      const attrs = { ...c.attrs, filterShape: filterShape(c) };
      const expected = filterReference(x.values, dy.values, c);
      await check(conv2DBackpropFilter, { x, dy }, attrs, expected);
    }
  });

  it('keeps NaN through relu', () => {
    const c = CASES[3]!;
    const [x, filter] = [tensor(inputShape(c), 1), tensor(filterShape(c), 2)];
    (x.values as Float64Array).fill(Number.NaN);
    const attrs = { ...c.attrs, dilations: 1, activation: 'relu' };
    const [y] = runOnArena(fusedConv2D, { x, filter }, attrs);
    expect(y!.values.every(Number.isNaN)).toBe(true);
  });

  it('is used for these cases, is not for other kernels, strides and few pixels, and can be switched off', () => {
    expect(CASES.filter((c) => worth(c, c.out)).length).toBe(CASES.length);
    expect(worth(convCase([1, 7, 7, 64], 64, [3, 3], [1, 1], 'same'), [7, 7])).toBe(false);
    setWinograd(false);
    expect(CASES.some((c) => worth(c, c.out))).toBe(false);
  });
});
