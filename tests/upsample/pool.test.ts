import { grad, type Tensor, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  MaxPoolWithArgmax2D,
  MaxUnpool2D,
  type MaxUnpool2DArgs,
  OptionError,
  type PoolArgs,
} from '../../src/index.js';
import cases from '../fixtures/pool.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { saveAndLoad, valuesOf } from '../support/saveLoad.js';

interface Golden {
  shape: number[];
  data: number[];
}

const tensorOf = ({ data, shape }: Golden, dtype?: 'int32') => tensor(data, shape, dtype);
const disposeAll = (...tensors: (Tensor | undefined)[]) => {
  for (const t of tensors) t!.dispose();
};

onEveryBackend(() => {
  for (const golden of cases) {
    const options = golden.options as PoolArgs;

    it(`pooling agrees with ${golden.name}, and so does the gradient`, async () => {
      const layer = new MaxPoolWithArgmax2D(options);
      const [x, dy] = [tensorOf(golden.x), tensorOf(golden.dy)];
      const [pooled, indices] = layer.apply(x) as Tensor[];
      await expectClose(pooled!, golden.pooled.data, { tolerance: 0, shape: golden.pooled.shape });
      expect([...(await indices!.data())]).toEqual(golden.indices.data);
      const dx = tidy(() => grad((v) => (layer.apply(v) as Tensor[])[0]!)(x, dy));
      await expectClose(dx, golden.dx.data, { shape: golden.x.shape });
      disposeAll(x, dy, pooled, indices, dx);
    });

    if (golden.v) {
      it(`unpooling agrees with ${golden.name}, and so does the gradient`, async () => {
        const [, height, width] = golden.x.shape;
        const layer = new MaxUnpool2D({ ...options, outputSize: [height!, width!] });
        const [v, dy] = [tensorOf(golden.v), tensorOf(golden.dUnpooled)];
        const indices = tensorOf(golden.indices, 'int32');
        const y = layer.apply([v, indices]) as Tensor;
        await expectClose(y, golden.unpooled.data, { tolerance: 0, shape: golden.x.shape });
        const dv = tidy(() => grad((u) => layer.apply([u, indices]) as Tensor)(v, dy));
        await expectClose(dv, golden.dv.data, { tolerance: 0 });
        disposeAll(v, dy, indices, y, dv);
      });
    }
  }

  it('goes through a model that is saved and loaded, on images of unknown odd size', async () => {
    const x = tfl.input({ shape: [null, null, 2] });
    const layer = new MaxPoolWithArgmax2D({ poolSize: [2, 3], padding: 'same' });
    const [pooled, indices] = layer.apply(x) as tfl.SymbolicTensor[];
    const twice = tfl.layers.upSampling2d({ size: [1, 1], dataFormat: 'channelsLast' });
    const unpool = new MaxUnpool2D({ poolSize: [2, 3], padding: 'same' });
    const code = twice.apply(pooled!) as tfl.SymbolicTensor;
    const y = unpool.apply([code, indices!, x]) as tfl.SymbolicTensor;
    expect(y.shape).toEqual([null, null, null, 2]);
    const model = tfl.model({ inputs: x, outputs: [y, indices!] });
    const loaded = await saveAndLoad(model);
    const image = tensor(Float32Array.from(noise(70)), [1, 5, 7, 2]);
    const outputs = [model, loaded].map((m) => m.predict(image) as Tensor[]);
    expect(outputs[1]![0]!.shape).toEqual([1, 5, 7, 2]);
    const [before, after] = await Promise.all(outputs.map(valuesOf));
    expect(after).toEqual(before);
    disposeAll(image, ...outputs.flat());
    model.dispose();
    loaded.dispose();
  });

  it('a pooling in a model trains the layers before it', async () => {
    const x = tfl.input({ shape: [4, 4, 1] });
    const conv = tfl.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' });
    const features = conv.apply(x) as tfl.SymbolicTensor;
    const pair = new MaxPoolWithArgmax2D().apply(features) as tfl.SymbolicTensor[];
    const y = new MaxUnpool2D().apply(pair) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: x, outputs: y });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [image, target] = [
      tensor(Float32Array.from(noise(16)), [1, 4, 4, 1]),
      zeros([1, 4, 4, 2]),
    ];
    const first = (await model.trainOnBatch(image, target)) as number;
    let last = first;
    for (let i = 0; i < 10; i++) last = (await model.trainOnBatch(image, target)) as number;
    expect(last).toBeLessThan(first);
    disposeAll(image, target);
    model.dispose();
  });
});

describe('the output sizes', () => {
  it('of a pooling are those of a convolution, as far as the input is known', () => {
    const shapeOf = (args: PoolArgs, shape: (number | null)[]) =>
      new MaxPoolWithArgmax2D(args).computeOutputShape(shape);
    expect(shapeOf({}, [2, 5, 4, 3])).toEqual([
      [2, 2, 2, 3],
      [2, 2, 2, 3],
    ]);
    expect(shapeOf({ padding: 'same', strides: 3 }, [null, 5, null, 3])[0]).toEqual([
      null,
      2,
      null,
      3,
    ]);
  });

  it('of an unpooling are those of the reference, outputSize, or of the default', () => {
    const shapeOf = (args: MaxUnpool2DArgs, ...sizes: (number | null)[]) =>
      new MaxUnpool2D(args).computeOutputShape(sizes.map((n) => [1, n, n, 3]));
    expect(shapeOf({}, 3, 3)).toEqual([1, 6, 6, 3]);
    expect(shapeOf({ poolSize: 3, strides: 2 }, 3, 3)).toEqual([1, 7, 7, 3]);
    expect(shapeOf({ poolSize: 3, strides: 2, padding: 'same' }, 3, null)).toEqual([1, 6, 6, 3]);
    expect(shapeOf({ outputSize: [7, 6] }, 3, 3)).toEqual([1, 7, 6, 3]);
    expect(shapeOf({ outputSize: [7, 6] }, null, null)).toEqual([1, 7, 6, 3]);
    expect(shapeOf({}, 3, 3, 7)).toEqual([1, 7, 7, 3]);
    expect(shapeOf({}, 3, 3, null)).toEqual([1, null, null, 3]);
    expect(shapeOf({}, null, null)).toEqual([1, null, null, 3]);
  });
});

describe('bad options and calls are refused by name', () => {
  const pool = (args: object) => new MaxPoolWithArgmax2D({ name: 'down', ...args });
  const unpool = (args: object) => new MaxUnpool2D({ name: 'up', ...args });

  it.each<[() => unknown, string]>([
    [
      () => pool({ poolSize: 0 }),
      'MaxPoolWithArgmax2D: poolSize must be a positive integer or a pair of them, got 0',
    ],
    [
      () => pool({ strides: [1, 1.5] }),
      'MaxPoolWithArgmax2D: strides must be a positive integer or a pair of them, got [1, 1.5]',
    ],
    [
      () => unpool({ padding: 'full' }),
      "MaxUnpool2D: padding must be one of 'same', 'valid', 'explicit', got 'full'",
    ],
    [
      () => unpool({ outputSize: -1 }),
      'MaxUnpool2D: outputSize must be a positive integer or a pair of them, got -1',
    ],
    [
      () => pool({ poolSize: 3 }).computeOutputShape([1, 4, 2, 1]),
      "MaxPoolWithArgmax2D 'down': the input's width must be at least 3, got 2",
    ],
    [
      () => pool({}).computeOutputShape([1, 4, 2]),
      "MaxPoolWithArgmax2D 'down': the input's rank must be 4, got shape [1, 4, 2]",
    ],
    [
      () => unpool({}).computeOutputShape([1, 4, 2, 1]),
      "MaxUnpool2D 'up': takes [x, indices] or [x, indices, reference], got 1 inputs",
    ],
    [
      () =>
        unpool({}).computeOutputShape([
          [1, 4, 2, 1],
          [1, 4, 3, 1],
        ]),
      "MaxUnpool2D 'up': x and indices must have one shape, got [1, 4, 2, 1] and [1, 4, 3, 1]",
    ],
    [
      () => unpool({ outputSize: 8 }).computeOutputShape(Array(3).fill([1, 4, 4, 1])),
      "MaxUnpool2D 'up': outputSize must be left out when there is a reference, got [8, 8]",
    ],
    [
      () => unpool({ outputSize: [9, 7] }).computeOutputShape(Array(2).fill([1, 4, 4, 1])),
      "MaxUnpool2D 'up': the width of outputSize must be in [8, 9] for an input of width 4, got 7",
    ],
    [
      () =>
        unpool({ padding: 'same' }).computeOutputShape([
          ...Array(2).fill([1, 4, 4, 1]),
          [1, 9, 8, 1],
        ]),
      "MaxUnpool2D 'up': the height of the reference must be in [7, 8] for an input of height 4, got 9",
    ],
  ])('%s', (make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it('also disposed tensors and several images', () => {
    const x = zeros([1, 2, 2, 1]);
    expect(() => pool({}).apply([x, x])).toThrow(
      "MaxPoolWithArgmax2D 'down': takes one input, got 2",
    );
    x.dispose();
    expect(() => unpool({}).apply([x, x])).toThrow(
      "MaxUnpool2D 'up': the input tensor of shape [1, 2, 2, 1] is disposed",
    );
  });

  it('their configurations make the same layers', () => {
    const args = {
      poolSize: [2, 3],
      strides: [1, 2],
      padding: 'same',
      outputSize: [9, 8],
    } as const;
    const [down, up] = [pool(args).getConfig(), unpool(args).getConfig()];
    expect(pool(JSON.parse(JSON.stringify(down))).getConfig()).toEqual(down);
    expect(unpool(JSON.parse(JSON.stringify(up))).getConfig()).toEqual(up);
    expect(up).toMatchObject(args);
  });
});
