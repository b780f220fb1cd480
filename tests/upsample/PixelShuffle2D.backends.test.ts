import { grad, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { PixelShuffle2D, PixelUnshuffle2D, type ShuffleArgs } from '../../src/index.js';
import cases from '../fixtures/shuffle.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';

onEveryBackend(() => {
  for (const { name, options, deep, wide } of cases) {
    it(`agrees with ${name}; the inverse and the gradients undo it`, async () => {
      const [shuffle, unshuffle] = [
        new PixelShuffle2D(options as ShuffleArgs),
        new PixelUnshuffle2D(options as ShuffleArgs),
      ];
      const [x, y] = [tensor(deep.data, deep.shape), tensor(wide.data, wide.shape)];
      const there = shuffle.apply(x) as Tensor;
      const back = unshuffle.apply(y) as Tensor;
      const dx = tidy(() => grad((v) => shuffle.apply(v) as Tensor)(x, y));
      const dy = tidy(() => grad((v) => unshuffle.apply(v) as Tensor)(y, x));
      await expectClose(there, wide.data, { tolerance: 0, shape: wide.shape });
      await expectClose(back, deep.data, { tolerance: 0, shape: deep.shape });
      await expectClose(dx, deep.data, { tolerance: 0, shape: deep.shape });
      await expectClose(dy, wide.data, { tolerance: 0, shape: wide.shape });
      for (const t of [x, y, there, back, dx, dy]) t.dispose();
    });
  }

  it('makes blocks that are not square, float32 of integers, and nothing of nothing', async () => {
    const layer = new PixelShuffle2D({ size: [1, 3] });
    const x = tensor([1, 2, 3, 4, 5, 6], [1, 2, 1, 3], 'int32');
    const y = layer.apply(x) as Tensor;
    expect([y.shape, y.dtype]).toEqual([[1, 2, 3, 1], 'float32']);
    expect([...(await y.data())]).toEqual([1, 2, 3, 4, 5, 6]);
    const none = tensor([], [0, 2, 1, 3]);
    const nothing = tidy(() => grad((v) => layer.apply(v) as Tensor)(none));
    expect(nothing.shape).toEqual([0, 2, 1, 3]);
    for (const t of [x, y, none, nothing]) t.dispose();
  });
});
