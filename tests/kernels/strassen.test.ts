import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { conv2DInfo } from '../../src/kernels/convolution/convInfo.js';
import { strassen, worthStrassen } from '../../src/kernels/convolution/strassen.js';
import { setWinograd } from '../../src/kernels/convolution/winograd.js';
import type { Kernel } from '../../src/kernels/kernel.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2D as reference } from './reference/conv2D.js';
import { runOnArena } from './support/arena.js';
import { type ConvCase, convCase, explicit, type Pad } from './support/convCases.js';

/** Operands are sums of up to four, and each result is one of up to four products' sums. */
const TOLERANCE = 4e-6;

/** Pixels around a tile and a slice, channels in eights and thirty-twos, strides. */
const CASES = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 39].map((w) => pointwise([1, 1, w, 8], 32)),
  ...[255, 256, 257, 513].map((w) => pointwise([1, w, 1, 8], 32)),
  ...[8, 16, 24, 72].map((ci) => pointwise([2, 5, 3, ci], 64)),
  ...[32, 64, 96, 160, 288].map((co) => pointwise([3, 2, 5, 16], co)),
  ...[1, 2, 3].map((s) => pointwise([2, 7, 6, 8], 32, [s, 2])),
  pointwise([1, 1, 10, 1024], 32),
];

function pointwise(
  x: [number, number, number, number],
  co: number,
  strides: [number, number] = [1, 1],
  pad: Pad = 'valid',
): ConvCase {
  return convCase(x, co, [1, 1], strides, pad);
}

const tensor = (shape: number[], seed: number) => ({
  shape,
  values: noise(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});

const inputsOf = ({ batch, height, width, inChannels, outChannels, out }: ConvCase) => ({
  x: tensor([batch, height, width, inChannels], 1),
  filter: tensor([1, 1, inChannels, outChannels], 2),
  bias: tensor([outChannels], 3),
  residual: tensor([batch, ...out, outChannels], 4),
});

type Inputs = Record<'x' | 'filter' | 'bias' | 'residual', Tensor4D>;

const infoOf = ({ batch, height, width, inChannels, outChannels, attrs }: ConvCase) =>
  conv2DInfo(
    { shape: [batch, height, width, inChannels], dtype: 'float32' } as Tensor4D,
    { shape: [1, 1, inChannels, outChannels], dtype: 'float32' } as Tensor4D,
    { dilations: 1, ...attrs },
  )!;

/** A case as a kernel, with a bias, a shortcut and an activation. */
function kernelOf(c: ConvCase, high = Number.POSITIVE_INFINITY): Kernel {
  return {
    kernelName: 'strassen',
    run(heap, { x, filter, bias, residual }: Inputs) {
      const info = infoOf(c);
      const output = heap.output(info.outShape);
      const [from, weights] = [heap.address(x), heap.address(filter)];
      strassen(heap, info, from, weights, output.address, {
        bias: heap.address(bias),
        bounds: [Number.NEGATIVE_INFINITY, high],
        residual: heap.address(residual),
      });
      return output.info;
    },
  } as Kernel<Inputs, object> as Kernel;
}

describe("Strassen's algorithm for a kernel of one pixel", () => {
  it('agrees with float64 loops, and touches nothing outside', async () => {
    for (const c of CASES) {
      const inputs = inputsOf(c);
      const sums = reference(inputs.x.values, inputs.filter.values, c);
      const { bias, residual } = inputs;
      const largest = sums.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const expected = sums.map((sum, i) => {
        const shift = bias.values[i % c.outChannels]! + residual.values[i]!;
        return Math.min(sum + shift, largest / 2);
      });
      for (const last of Object.keys(inputs)) {
        const [y] = runOnArena(kernelOf(c, largest / 2), inputs, {}, last);
        await expectClose(y!.values, expected, { tolerance: TOLERANCE });
      }
    }
  });

  it('keeps NaN, which spreads to one pixel beside it', () => {
    const c = pointwise([1, 3, 3, 8], 32);
    const inputs = inputsOf(c);
    inputs.x.values[5 * 8] = Number.NaN;
    const [y] = runOnArena(kernelOf(c), inputs, {});
    const bad = [...y!.values.keys()].filter((i) => Number.isNaN(y!.values[i]));
    expect(new Set(bad.map((i) => Math.floor(i / 32)))).toEqual(new Set([4, 5]));
    expect(bad.filter((i) => Math.floor(i / 32) === 5)).toHaveLength(32);
  });

  it('is for enough pixels and channels, without padding, where sums may be others', () => {
    const worth = (...c: Parameters<typeof pointwise>) => worthStrassen(infoOf(pointwise(...c)));
    expect(worth([1, 14, 14, 128], 128)).toBe(true);
    expect(worth([1, 28, 28, 136], 160, [2, 2])).toBe(true);
    expect(worth([1, 11, 11, 128], 128)).toBe(false);
    expect(worth([2, 11, 11, 128], 128)).toBe(true);
    expect(worth([1, 14, 14, 132], 128)).toBe(false);
    expect(worth([1, 14, 14, 128], 144)).toBe(false);
    expect(worth([1, 14, 14, 64], 256)).toBe(true);
    expect(worth([1, 14, 14, 256], 64)).toBe(true);
    expect(worth([1, 14, 14, 56], 256)).toBe(false);
    expect(worth([1, 14, 14, 256], 32)).toBe(false);
    expect(worth([1, 14, 14, 128], 128, [1, 1], explicit(1, 0, 0, 0))).toBe(false);
    expect(worth([1, 14, 14, 128], 128, [1, 1], explicit(0, 0, 0, 1))).toBe(false);
    setWinograd(false);
    expect(worth([1, 14, 14, 128], 128)).toBe(false);
    setWinograd(true);
  });
});
