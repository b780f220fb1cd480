import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fusedConv2D as kernel } from '../../src/kernels/convolution/fusedConv2D.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { fused } from './reference/activations.js';
import { fusedConv2D as reference, tolerance } from './reference/fusedConv2D.js';
import { runOnArena } from './support/arena.js';
import { type ConvCase, convCase } from './support/convCases.js';
import { onOurKernels } from './support/registered.js';

function inputsOf({ batch, height, width, inChannels, outChannels, kernel }: ConvCase) {
  const x = noise(batch * height * width * inChannels, 1).map((v) => 4 * v);
  const filter = noise(kernel[0] * kernel[1] * inChannels * outChannels, 2);
  return {
    x: { shape: [batch, height, width, inChannels], values: x },
    filter: { shape: [...kernel, inChannels, outChannels], values: filter },
    bias: { shape: [outChannels], values: noise(outChannels, 3) },
  };
}

const CASES = [1, 3, 7, 8, 9, 17].map((co) => convCase([2, 5, 6, 4], co, [3, 2], [1, 2], 'same'));
const activations = Object.keys(fused) as (keyof typeof fused)[];

describe('FusedConv2D', () => {
  for (const activation of ['linear', 'relu', 'relu6'] as const) {
    it(`with ${activation} agrees with float64 loops, and touches nothing outside`, async () => {
      for (const c of CASES) {
        const inputs = inputsOf(c);
        const attrs = { ...c.attrs, dilations: 1, activation };
        const { x, filter, bias } = inputs;
        const expected = reference(x.values, filter.values, bias.values, activation, c);
        for (const last of Object.keys(inputs)) {
          const [y] = runOnArena(kernel, inputs, attrs, last);
          await expectClose(y!.values, expected, { tolerance });
        }
      }
    });
  }

  it('adds a residual before the activation, as a plan asks for', async () => {
    // The last runs by Winograd's algorithm, with tiles that reach beyond the image.
    const shapes: [number, number][] = [
      [5, 8],
      [6, 16],
      [18, 8],
    ];
    for (const [size, co] of shapes) {
      const kernelSize: [number, number] = size === 18 ? [3, 3] : [3, 2];
      const c = convCase([2, size, size + 1, 8], co, kernelSize, [1, 1], 'same');
      const count = 2 * size * (size + 1) * co;
      const residual = { shape: [2, size, size + 1, co], values: noise(count, 4) };
      const inputs = { ...inputsOf(c), residual };
      const attrs = { ...c.attrs, dilations: 1, activation: 'relu' };
      const { x, filter, bias } = inputs;
      const sums = reference(x.values, filter.values, bias.values, 'linear', c);
      const expected = Array.from(sums, (y, i) => Math.max(0, y + residual.values[i]!));
      for (const last of ['x', 'residual']) {
        const [y] = runOnArena(kernel, inputs, attrs, last);
        await expectClose(y!.values, expected, { tolerance: 2e-5 });
      }
    }
  });

  describe('on the WASM backend', () => {
    onOurKernels();
    failOnLeaksAndWarnings();

    for (const activation of activations) {
      it(`with ${activation} agrees with float64 loops, and frees what it makes inside`, async () => {
        for (const c of CASES) {
          const { x, filter, bias } = inputsOf(c);
          const before = tf.backend().numDataIds();
          const tensors = [x, filter, bias].map((t) => tf.tensor([...t.values], t.shape));
          const y = tf.fused.conv2d({
            x: tensors[0] as tf.Tensor4D,
            filter: tensors[1] as tf.Tensor4D,
            bias: tensors[2]!,
            strides: c.stride,
            pad: 'same',
            activation: activation as 'relu',
            leakyreluAlpha: 0.2,
          });
          expect(tf.backend().numDataIds() - before).toBe(4);
          const expected = reference(x.values, filter.values, bias.values, activation, c);
          await expectClose(y, expected, { tolerance: 1e-5 });
          tf.dispose([tensors, y]);
        }
      });
    }
  });

  describe('with a dilation', () => {
    const { onStock } = onOurKernels();
    failOnLeaksAndWarnings();

    for (const activation of ['relu', 'relu6'] as const) {
      it(`keeps NaN through ${activation}`, async () => {
        const values = noise(2 * 7 * 8 * 4, 1).map((v) => 4 * v);
        values[70] = Number.NaN;
        const x = tf.tensor4d(Float32Array.from(values), [2, 7, 8, 4]);
        const filter = tf.tensor4d(Float32Array.from(noise(3 * 3 * 4 * 5, 2)), [3, 3, 4, 5]);
        const bias = tf.tensor1d(Float32Array.from(noise(5, 3)));
        const options = { x, filter, bias, strides: 1, pad: 'same' as const, dilations: 2 };
        const run = () => tf.fused.conv2d({ ...options, activation });
        const y = run();
        const sums = tf.tidy(() =>
          tf.add(tf.conv2d(x, filter, 1, 'same', 'NHWC', 2), bias).dataSync(),
        );
        const most = activation === 'relu' ? Number.POSITIVE_INFINITY : 6;
        const expected = sums.map((v) => Math.min(Math.max(v, 0), most));
        const reached = expected.filter(Number.isNaN).length;
        await expectClose(y, expected, { tolerance });
        const stock = onStock(() => tf.tidy(() => run().dataSync()));
        const kept = stock.filter(Number.isNaN).length;
        if (activation === 'relu6') expect(kept).toBeLessThan(reached);
        expect(reached).toBeGreaterThan(0);
        tf.dispose([x, filter, bias, y]);
      });
    }
  });

  it('keeps NaN through relu', () => {
    const c = CASES[0]!;
    const inputs = inputsOf(c);
    inputs.x.values.fill(Number.NaN);
    const attrs = { ...c.attrs, dilations: 1, activation: 'relu' };
    expect(runOnArena(kernel, inputs, attrs)[0]!.values.every(Number.isNaN)).toBe(true);
  });
});
