import { type Tensor, tensor, zeros } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { OptionError, PixelShuffle2D, PixelUnshuffle2D } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { saveAndLoad, valuesOf } from '../support/saveLoad.js';

onEveryBackend(() => {
  it('has the sizes of whole blocks, as far as the input is known', () => {
    const up = new PixelShuffle2D({ size: [2, 3] });
    expect(up.computeOutputShape([null, 5, null, 12])).toEqual([null, 10, null, 2]);
    expect(up.computeOutputShape([1, 5, 4, null])).toEqual([1, 10, 12, null]);
    const down = new PixelUnshuffle2D({ size: [2, 3] });
    expect(down.computeOutputShape([null, null, 12, 2])).toEqual([null, null, 4, 12]);
    expect(down.computeOutputShape([1, 10, 12, null])).toEqual([1, 5, 4, null]);
  });

  it.each<[() => unknown, string]>([
    [
      () => new PixelShuffle2D({ size: 1.5 }),
      'PixelShuffle2D: size must be a positive integer or a pair of them, got 1.5',
    ],
    [
      () => new PixelUnshuffle2D({ order: 'keras' as 'torch' }),
      "PixelUnshuffle2D: order must be one of 'tensorflow', 'torch', got 'keras'",
    ],
    [
      () => new PixelShuffle2D({ name: 'up' }).computeOutputShape([1, 2, 2, 6]),
      "PixelShuffle2D 'up': the input's channels must be a multiple of 4, got 6",
    ],
    [
      () => new PixelUnshuffle2D({ name: 'down' }).computeOutputShape([1, 2, 3, 6]),
      "PixelUnshuffle2D 'down': the input's width must be a multiple of 2, got 3",
    ],
    [
      () => new PixelShuffle2D({ name: 'up' }).computeOutputShape([1, 2, 2]),
      "PixelShuffle2D 'up': the input's rank must be 4, got shape [1, 2, 2]",
    ],
  ])('refuses by name: %s', (make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it('refuses several inputs', () => {
    const x = zeros([1, 2, 2, 4]);
    const layer = new PixelShuffle2D({ name: 'up' });
    expect(() => layer.apply([x, x])).toThrow("PixelShuffle2D 'up': takes one input, got 2");
    x.dispose();
  });

  it('saves and loads in a model, and its configuration makes the same layer', async () => {
    const options = { size: [2, 1], order: 'torch' } as const;
    const model = tfl.sequential({
      layers: [
        new PixelUnshuffle2D({ inputShape: [4, 4, 1], ...options, size: [2, 1] }),
        tfl.layers.activation({ activation: 'relu' }),
        new PixelShuffle2D({ ...options, size: [2, 1] }),
      ],
    });
    const loaded = await saveAndLoad(model);
    expect(loaded.layers[2]!.getConfig()).toMatchObject(options);
    const x = tensor(Float32Array.from(noise(16)), [1, 4, 4, 1]);
    const outputs = [model, loaded].map((m) => m.predict(x) as Tensor);
    const [before, after] = await valuesOf(outputs);
    expect(after).toEqual(before);
    expect(after).toEqual(Array.from(noise(16), (v) => Math.max(v, 0)));
    for (const t of [x, ...outputs]) t.dispose();
    model.dispose();
    loaded.dispose();
  });
});
