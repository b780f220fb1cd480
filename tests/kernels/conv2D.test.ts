import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2D as kernel } from '../../src/kernels/convolution/conv2D.js';
import { setWinograd } from '../../src/kernels/convolution/winograd.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2D as reference, tolerance } from './reference/conv2D.js';
import { runOnArena } from './support/arena.js';
import { type ConvCase, convCase, convCases } from './support/convCases.js';

function inputsOf({ batch, height, width, inChannels, outChannels, kernel }: ConvCase) {
  const x = noise(batch * height * width * inChannels, 1);
  const filter = noise(kernel[0] * kernel[1] * inChannels * outChannels, 2);
  return {
    x: { shape: [batch, height, width, inChannels], values: x },
    filter: { shape: [...kernel, inChannels, outChannels], values: filter },
  };
}

const attrsOf = ({ attrs }: ConvCase) => ({ ...attrs, dilations: 1 });

describe('Conv2D', () => {
  beforeAll(() => setWinograd(false));
  afterAll(() => setWinograd(true));

  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of convCases()) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.x.values, inputs.filter.values, c);
      for (const last of ['x', 'filter']) {
        const [y] = runOnArena(kernel, inputs, attrsOf(c), last);
        expect(y!.shape, c.title).toEqual([c.batch, ...c.out, c.outChannels]);
        await expectClose(y!.values, expected, { tolerance });
      }
    }
  });

  it('keeps NaN and infinity', () => {
    const c = convCase([1, 4, 4, 1], 1, [1, 1], [1, 1], 'valid');
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const inputs = inputsOf(c);
      inputs.x.values[5] = bad;
      inputs.filter.values.fill(1);
      expect(runOnArena(kernel, inputs, attrsOf(c))[0]!.values[5]).toBe(bad);
    }
  });

  it('is empty for an empty batch', () => {
    const c = convCase([0, 4, 4, 3], 5, [3, 3], [1, 1], 'same');
    expect(runOnArena(kernel, inputsOf(c), attrsOf(c))[0]!.shape).toEqual([0, 4, 4, 5]);
  });

  it('leaves dilation, NCHW and integers to stock', () => {
    const c = convCase([1, 7, 7, 3], 5, [3, 3], [1, 1], 'same');
    const inputs = inputsOf(c);
    const integers = { ...inputs, x: { ...inputs.x, dtype: 'int32' as const } };
    for (const [given, attrs] of [
      [inputs, { ...attrsOf(c), dilations: 2 }],
      [inputs, { ...attrsOf(c), dataFormat: 'NCHW' }],
      [integers, attrsOf(c)],
    ] as const) {
      expect(() => runOnArena(kernel, given, attrs)).toThrow('left to stock');
    }
  });
});
