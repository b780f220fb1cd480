import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2DBackpropFilter as kernel } from '../../src/kernels/convolution/conv2DBackpropFilter.js';
import { setWinograd } from '../../src/kernels/convolution/winograd.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2DBackpropFilter as reference, tolerance } from './reference/conv2DBackpropFilter.js';
import { runOnArena } from './support/arena.js';
import { runComposed } from './support/composed.js';
import { type ConvCase, convCase, convCases } from './support/convCases.js';

function inputsOf({ batch, height, width, inChannels, outChannels, out }: ConvCase) {
  const x = noise(batch * height * width * inChannels, 1);
  const dy = noise(batch * out[0] * out[1] * outChannels, 2);
  return {
    x: { shape: [batch, height, width, inChannels], values: x },
    dy: { shape: [batch, ...out, outChannels], values: dy },
  };
}

function attrsOf({ kernel, inChannels, outChannels, attrs }: ConvCase) {
  return { ...attrs, filterShape: [...kernel, inChannels, outChannels] };
}

describe('Conv2DBackpropFilter', () => {
  beforeAll(() => setWinograd(false));
  afterAll(() => setWinograd(true));

  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of convCases()) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.x.values, inputs.dy.values, c);
      for (const last of ['x', 'dy']) {
        const [dw] = runOnArena(kernel, inputs, attrsOf(c), last);
        expect(dw!.shape, c.title).toEqual(attrsOf(c).filterShape);
        await expectClose(dw!.values, expected, { tolerance });
      }
    }
  });

  it('composed of stock kernels, agrees with float64 loops', async () => {
    for (const c of convCases().filter((_, i) => i % 5 === 0)) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.x.values, inputs.dy.values, c);
      const [dw] = await runComposed(kernel, inputs, attrsOf(c));
      expect(dw!.shape, c.title).toEqual(attrsOf(c).filterShape);
      await expectClose(dw!.values, expected, { tolerance });
    }
  });

  it('keeps NaN and infinity', () => {
    const c = convCase([1, 4, 4, 1], 1, [1, 1], [1, 1], 'valid');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const inputs = inputsOf(c);
      inputs.x.values[5] = bad;
      inputs.dy.values.fill(1);
      const [dw] = runOnArena(kernel, inputs, attrsOf(c));
      expect(dw!.values[0]).toBe(bad);
    }
  });

  it('is zero for an empty batch', () => {
    const c = convCase([0, 4, 4, 3], 5, [3, 3], [1, 1], 'same');
    const [dw] = runOnArena(kernel, inputsOf(c), attrsOf(c));
    expect([...dw!.values]).toEqual(Array(135).fill(0));
  });

  it('refuses NCHW, integers and a dy of another shape', () => {
    const c = convCase([1, 4, 4, 3], 5, [3, 3], [1, 1], 'same');
    const inputs = inputsOf(c);
    expect(() => runOnArena(kernel, inputs, { ...attrsOf(c), dataFormat: 'NCHW' })).toThrow(
      "Conv2DBackpropFilter: dataFormat must be 'NHWC' on WASM, got 'NCHW'",
    );
    const integers = { ...inputs, x: { ...inputs.x, dtype: 'int32' as const } };
    expect(() => runOnArena(kernel, integers, attrsOf(c))).toThrow(
      'Conv2DBackpropFilter: x must be float32, got int32',
    );
    const other = { ...inputs, dy: { shape: [1, 2, 2, 5], values: noise(20) } };
    expect(() => runOnArena(kernel, other, attrsOf(c))).toThrow(
      "Conv2DBackpropFilter: dy must have the shape of the convolution's output, [1, 4, 4, 5], got [1, 2, 2, 5]",
    );
  });
});
