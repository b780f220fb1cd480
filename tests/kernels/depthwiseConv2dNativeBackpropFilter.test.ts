import { describe, expect, it } from 'vitest';
import { depthwiseConv2dNativeBackpropFilter as kernel } from '../../src/kernels/convolution/depthwiseConv2dNativeBackpropFilter.js';
import { expectClose } from '../support/close.js';
import {
  depthwiseConv2dNativeBackpropFilter as reference,
  tolerance,
} from './reference/depthwiseConv2dNativeBackpropFilter.js';
import { runOnArena } from './support/arena.js';
import { runComposed } from './support/composed.js';
import { type DepthwiseCase, depthwiseCase, depthwiseCases, noisy } from './support/depthwise.js';

const attrsOf = (c: DepthwiseCase) => ({ ...c.attrs, filterShape: c.filter });
const inputsOf = (c: DepthwiseCase) => ({ x: noisy(c.x, 1), dy: noisy(c.y, 2) });

describe('DepthwiseConv2dNativeBackpropFilter', () => {
  it('agrees with float64 loops, reads and writes nothing outside of its tensors', async () => {
    for (const c of depthwiseCases()) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.x.values, inputs.dy.values, c);
      for (const last of ['x', 'dy']) {
        const [gradient] = runOnArena(kernel, inputs, attrsOf(c), last);
        expect(gradient!.shape, c.title).toEqual(c.filter);
        await expectClose(gradient!.values, expected, { tolerance });
      }
    }
  });

  it('composed of stock kernels, agrees with float64 loops', async () => {
    for (const c of depthwiseCases().filter((_, i) => i % 5 === 0)) {
      const inputs = inputsOf(c);
      const expected = reference(inputs.x.values, inputs.dy.values, c);
      const [gradient] = await runComposed(kernel, inputs, attrsOf(c));
      expect(gradient!.shape, c.title).toEqual(c.filter);
      await expectClose(gradient!.values, expected, { tolerance });
    }
  });

  it('keeps NaN and infinity', () => {
    const c = depthwiseCase([1, 2, 2, 4], 1, [1, 1], [1, 1], 'valid');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const inputs = inputsOf(c);
      inputs.x.values.fill(1)[0] = bad;
      inputs.dy.values.fill(1);
      expect(runOnArena(kernel, inputs, attrsOf(c))[0]!.values[0]).toBe(bad);
    }
  });

  it('is zero or empty for an empty batch', () => {
    const c = depthwiseCase([0, 2, 2, 4], 1, [3, 3], [1, 1], 'same');
    const [gradient] = runOnArena(kernel, inputsOf(c), attrsOf(c));
    expect(gradient!.shape).toEqual(c.filter);
    expect(gradient!.values.every((value) => value === 0)).toBe(true);
  });

  it('refuses dilations, integers and a dy of another shape', () => {
    const c = depthwiseCase([1, 4, 4, 3], 1, [3, 3], [1, 1], 'same');
    const inputs = inputsOf(c);
    expect(() => runOnArena(kernel, inputs, { ...attrsOf(c), dilations: [2, 2] })).toThrow(
      'DepthwiseConv2dNativeBackpropFilter: dilations must be 1, got [2, 2]',
    );
    const integers = { ...inputs, dy: { ...inputs.dy, dtype: 'int32' as const } };
    expect(() => runOnArena(kernel, integers, attrsOf(c))).toThrow(
      'DepthwiseConv2dNativeBackpropFilter: dy must be float32, got int32',
    );
    const other = { ...inputs, dy: noisy([1, 2, 2, 3], 1) };
    expect(() => runOnArena(kernel, other, attrsOf(c))).toThrow(
      "DepthwiseConv2dNativeBackpropFilter: dy must have the shape of the convolution's output, [1, 4, 4, 3], got [1, 2, 2, 3]",
    );
  });
});
