import { avgPool, grad, type Tensor, type Tensor4D, tensor, tidy } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { AverageUnpool2D, type AverageUnpool2DArgs } from '../../src/index.js';
import cases from '../fixtures/averageUnpool.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { saveAndLoad } from '../support/saveLoad.js';
import { outputSize, type Pooling, spreadReference } from './poolReference.js';

type Geometry = Pick<Pooling, 'image' | 'poolSize' | 'strides' | 'padding'>;

const GEOMETRIES: Geometry[] = [
  { image: [5, 7], poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { image: [5, 4], poolSize: [3, 3], strides: [2, 2], padding: 'same' },
  { image: [6, 5], poolSize: [4, 1], strides: [1, 2], padding: 'valid' },
  { image: [7, 4], poolSize: [3, 2], strides: [3, 2], padding: 'end' },
];

const tensorOf = (values: ArrayLike<number>, shape: number[]) =>
  tensor(Float32Array.from(values), shape);

onEveryBackend(() => {
  describe.each(GEOMETRIES)('with %o', (geometry) => {
    it('spreads each value over its window, as float64 loops do, with an exact gradient', async () => {
      const pooling: Pooling = { ...geometry, batch: 2, channels: 3 };
      const { poolSize, strides, padding, image } = geometry;
      const layer = new AverageUnpool2D({
        poolSize: [...poolSize],
        strides: [...strides],
        padding: padding as 'same',
        outputSize: [...image],
      });
      const [from, to] = [
        [2, ...outputSize(pooling), 3],
        [2, ...image, 3],
      ];
      const values = noise(
        from.reduce((a, b) => a * b),
        1,
      );
      const weights = noise(
        to.reduce((a, b) => a * b),
        2,
      );
      const [x, dy] = [tensorOf(values, from), tensorOf(weights, to)];
      const y = layer.apply(x) as Tensor;
      await expectClose(y, spreadReference(values, pooling), { tolerance: 1e-6, shape: to });
      const dx = tidy(() => grad((v) => layer.apply(v) as Tensor)(x, dy));
      const loss = (v: Float64Array) => dot(spreadReference(v, pooling), weights);
      await expectClose(dx, finiteDifferences(loss, values));
      for (const t of [x, dy, y, dx]) t.dispose();
    });
  });

  for (const golden of cases) {
    it(`agrees with the gradient of ${golden.name}`, async () => {
      const layer = new AverageUnpool2D(golden.options as unknown as AverageUnpool2DArgs);
      const x = tensorOf(golden.x.data, golden.x.shape);
      const y = layer.apply(x) as Tensor;
      await expectClose(y, golden.y.data, { tolerance: 1e-6, shape: golden.y.shape });
      x.dispose();
      y.dispose();
    });
  }

  it('is the adjoint of average pooling, and of the mean of a whole image', async () => {
    const x = tensorOf(noise(70), [1, 5, 7, 2]) as Tensor4D;
    const pools = [avgPool(x, 3, 2, 'same'), avgPool(x, [5, 7], 1, 'valid')];
    const layers = [
      new AverageUnpool2D({ poolSize: 3, strides: 2, padding: 'same', outputSize: [5, 7] }),
      new AverageUnpool2D({ poolSize: null, outputSize: [5, 7] }),
    ];
    for (const [i, pooled] of pools.entries()) {
      const y = tensorOf(noise(pooled.size, 3), pooled.shape);
      const back = layers[i]!.apply(y) as Tensor;
      const [left, right] = [
        dot(await pooled.data(), await y.data()),
        dot(await x.data(), await back.data()),
      ];
      expect(left).toBeCloseTo(right, 5);
      for (const t of [pooled, y, back]) t.dispose();
    }
    x.dispose();
  });

  it('takes the size of a reference in a model of unknown size, saved and loaded', async () => {
    const x = tfl.input({ shape: [null, null, 2] });
    const pool = { poolSize: 3, strides: 2, padding: 'same' } as const;
    const small = tfl.layers.averagePooling2d(pool).apply(x) as tfl.SymbolicTensor;
    const y = new AverageUnpool2D(pool).apply([small, x]) as tfl.SymbolicTensor;
    expect(y.shape).toEqual([null, null, null, 2]);
    const model = tfl.model({ inputs: x, outputs: y });
    const loaded = await saveAndLoad(model);
    const image = tensorOf(noise(70), [1, 5, 7, 2]);
    const [a, b] = [model, loaded].map((m) => m.predict(image) as Tensor);
    expect(a!.shape).toEqual([1, 5, 7, 2]);
    await expectClose(b!, await a!.data(), { tolerance: 0 });
    for (const t of [image, a!, b!]) t.dispose();
  });

  it('makes an empty batch of an empty batch', () => {
    const x = tensorOf([], [0, 2, 2, 1]);
    const y = new AverageUnpool2D().apply(x) as Tensor;
    expect(y.shape).toEqual([0, 4, 4, 1]);
    x.dispose();
    y.dispose();
  });
});

describe('AverageUnpool2D refuses', () => {
  it.each<[AverageUnpool2DArgs, string]>([
    [{ poolSize: 0 }, 'poolSize must be a positive integer or a pair of them, got 0'],
    [{ strides: 1.5 }, 'strides must be a positive integer or a pair of them, got 1.5'],
    [
      { poolSize: null, strides: 2 },
      'strides must be left out when the whole image is pooled, got 2',
    ],
    [
      { padding: 'explicit' as 'same' },
      "padding must be one of 'same', 'valid', 'end', got 'explicit'",
    ],
    [{ outputSize: 0 }, 'outputSize must be a positive integer or a pair of them, got 0'],
  ])('%j', (args, message) => {
    expect(() => new AverageUnpool2D(args)).toThrow(`AverageUnpool2D: ${message}`);
  });

  it('sizes that the pooling does not take to the input, several sizes and inputs', () => {
    const shapes =
      (args: AverageUnpool2DArgs, ...sizes: number[]) =>
      () =>
        new AverageUnpool2D({ name: 'up', ...args }).computeOutputShape(
          sizes.map((n) => [1, n, n, 1]),
        );
    expect(shapes({ outputSize: 9 }, 3)).toThrow(
      "AverageUnpool2D 'up': the height of outputSize must be in [6, 7] for an input of height 3, got 9",
    );
    expect(shapes({}, 3, 9)).toThrow('the height of the reference must be in [6, 7]');
    expect(shapes({ poolSize: null }, 2, 9)).toThrow(
      'the height of the reference must be in [18, 26]',
    );
    expect(shapes({ outputSize: 6 }, 3, 6)).toThrow(
      "AverageUnpool2D 'up': outputSize must be left out when there is a reference, got [6, 6]",
    );
    expect(shapes({}, 3, 6, 6)).toThrow("AverageUnpool2D 'up': takes [x, reference], got 3 inputs");
  });
});
