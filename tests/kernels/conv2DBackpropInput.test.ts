import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2DBackpropInput as kernel } from '../../src/kernels/convolution/conv2DBackpropInput.js';
import { setWinograd } from '../../src/kernels/convolution/winograd.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2DBackpropInput as reference, tolerance } from './reference/conv2DBackpropInput.js';
import { runOnArena } from './support/arena.js';
import { runComposed } from './support/composed.js';
import { type ConvCase, convCase, convCases } from './support/convCases.js';

function inputsOf({ batch, inChannels, outChannels, kernel, out }: ConvCase) {
  const dy = noise(batch * out[0] * out[1] * outChannels, 1);
  const filter = noise(kernel[0] * kernel[1] * inChannels * outChannels, 2);
  return {
    dy: { shape: [batch, ...out, outChannels], values: dy },
    filter: { shape: [...kernel, inChannels, outChannels], values: filter },
  };
}

function attrsOf({ batch, height, width, inChannels, attrs }: ConvCase) {
  return { ...attrs, inputShape: [batch, height, width, inChannels] };
}

describe('Conv2DBackpropInput', () => {
  beforeAll(() => setWinograd(false));
  afterAll(() => setWinograd(true));

  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of convCases()) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.dy.values, inputs.filter.values, c);
      for (const last of ['dy', 'filter']) {
        const [dx] = runOnArena(kernel, inputs, attrsOf(c), last);
        expect(dx!.shape, c.title).toEqual(attrsOf(c).inputShape);
        await expectClose(dx!.values, expected, { tolerance });
      }
    }
  });

  it('adds a bias and applies bounds, as a plan asks for', async () => {
    // To few channels, to many, and one for Winograd's algorithm.
    for (const [ci, stride] of [
      [2, 2],
      [9, 2],
      [8, 1],
    ] as const) {
      setWinograd(stride === 1);
      const c = convCase([2, 17, 16, ci], 8, [3, 3], [stride, stride], 'same');
      const inputs = { ...inputsOf(c), bias: { shape: [ci], values: noise(ci, 3) } };
      const sums = reference(inputs.dy.values, inputs.filter.values, c);
      const expected = sums.map((dx, i) => {
        return Math.min(6, Math.max(0, dx + inputs.bias.values[i % ci]!));
      });
      const [dx] = runOnArena(kernel, inputs, { ...attrsOf(c), activation: 'relu6' });
      setWinograd(false);
      await expectClose(dx!.values, expected, { tolerance: 2e-5 });
    }
  });

  it('composed of stock kernels, agrees with float64 loops', async () => {
    for (const c of convCases().filter((_, i) => i % 5 === 0)) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.dy.values, inputs.filter.values, c);
      const [dx] = await runComposed(kernel, inputs, attrsOf(c));
      expect(dx!.shape, c.title).toEqual(attrsOf(c).inputShape);
      await expectClose(dx!.values, expected, { tolerance });
    }
  });

  it('keeps NaN and infinity', () => {
    const c = convCase([1, 4, 4, 1], 1, [1, 1], [1, 1], 'valid');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const inputs = inputsOf(c);
      inputs.dy.values[5] = bad;
      inputs.filter.values.fill(1);
      const [dx] = runOnArena(kernel, inputs, attrsOf(c));
      expect(dx!.values[5]).toBe(bad);
    }
  });

  it('is empty for an empty batch', () => {
    const c = convCase([0, 4, 4, 3], 5, [3, 3], [1, 1], 'same');
    expect(runOnArena(kernel, inputsOf(c), attrsOf(c))[0]!.shape).toEqual([0, 4, 4, 3]);
  });

  it('refuses NCHW, integers and a dy of another shape', () => {
    const c = convCase([1, 4, 4, 3], 5, [3, 3], [1, 1], 'same');
    const inputs = inputsOf(c);
    expect(() => runOnArena(kernel, inputs, { ...attrsOf(c), dataFormat: 'NCHW' })).toThrow(
      "Conv2DBackpropInput: dataFormat must be 'NHWC' on WASM, got 'NCHW'",
    );
    const integers = { ...inputs, dy: { ...inputs.dy, dtype: 'int32' as const } };
    expect(() => runOnArena(kernel, integers, attrsOf(c))).toThrow(
      'Conv2DBackpropInput: dy must be float32, got int32',
    );
    const other = { ...inputs, dy: { shape: [1, 2, 2, 5], values: noise(20) } };
    expect(() => runOnArena(kernel, other, attrsOf(c))).toThrow(
      "Conv2DBackpropInput: dy must have the shape of the convolution's output, [1, 4, 4, 5], got [1, 2, 2, 5]",
    );
  });
});
