import {
  cast,
  grad,
  pow,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { MaxPoolWithArgmax2D, MaxUnpool2D } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import {
  argmaxReference,
  outputSize,
  type Pooling,
  putReference,
  takeReference,
} from './poolReference.js';

type Geometry = Pick<Pooling, 'image' | 'poolSize' | 'strides' | 'padding'>;

const GEOMETRIES: Geometry[] = [
  { image: [4, 6], poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { image: [5, 7], poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { image: [5, 4], poolSize: [3, 3], strides: [2, 2], padding: 'same' },
  { image: [4, 5], poolSize: [3, 2], strides: [1, 1], padding: 'valid' },
  { image: [7, 8], poolSize: [2, 1], strides: [3, 2], padding: 'same' },
  { image: [2, 1], poolSize: [4, 3], strides: [1, 2], padding: 'same' },
  { image: [6, 5], poolSize: [3, 3], strides: [2, 2], padding: 'explicit' },
  { image: [4, 7], poolSize: [2, 5], strides: [2, 3], padding: 'explicit' },
];

const tensorOf = (values: ArrayLike<number>, shape: number[]) =>
  tensor(Float32Array.from(values), shape);

onEveryBackend(() => {
  describe.each(GEOMETRIES)('with %o', (geometry) => {
    const pooling: Pooling = { ...geometry, batch: 2, channels: 3 };
    const { poolSize, strides, padding } = geometry;
    const args = { poolSize: [...poolSize], strides: [...strides], padding } as const;
    const shape = [2, ...geometry.image, 3];
    const pooledShape = [2, ...outputSize(pooling), 3];
    const count = shape.reduce((a, b) => a * b);
    // All negative, and full of ties.
    const x = noise(count, 1).map((v) => Math.floor(v * 4) - 5);
    const indices = argmaxReference(x, pooling);
    const dy = noise(indices.length, 2);

    it('pools as float64 loops do, to the first of equal values, with their gradient', async () => {
      const layer = new MaxPoolWithArgmax2D(args as never);
      const input = tensorOf(x, shape);
      const [y, at] = layer.apply(input) as Tensor[];
      expect([y!.shape, at!.shape, at!.dtype]).toEqual([pooledShape, pooledShape, 'int32']);
      expect([...(await at!.data())]).toEqual(indices);
      await expectClose(y!, takeReference(x, indices, pooling), { tolerance: 0 });
      const weights = tensorOf(dy, pooledShape);
      const dx = tidy(() => grad((v) => (layer.apply(v) as Tensor[])[0]!)(input, weights));
      await expectClose(dx, putReference(dy, indices, pooling));
      for (const t of [input, y, at, weights, dx]) t!.dispose();
    });

    it('unpools as float64 loops do, with the gradient of finite differences', async () => {
      const layer = new MaxUnpool2D({ ...args, outputSize: [...geometry.image] } as never);
      const [values, at] = [tensorOf(dy, pooledShape), tensor(indices, pooledShape, 'int32')];
      const y = layer.apply([values, at]) as Tensor;
      await expectClose(y, putReference(dy, indices, pooling), { shape });
      const weights = noise(count, 3);
      const dyTensor = tensorOf(weights, shape);
      const dx = tidy(() => grad((v) => layer.apply([v, at]) as Tensor)(values, dyTensor));
      const loss = (v: Float64Array) => dot(putReference(v, indices, pooling), weights);
      await expectClose(dx, finiteDifferences(loss, dy));
      for (const t of [values, at, y, dyTensor, dx]) t.dispose();
    });
  });

  it('takes the first NaN of a window, and the first −∞ of a window of nothing else', async () => {
    const [nan, less, more] = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const x = [1, nan, less, less, nan, more, less, less, -1, -2, more, nan, -3, -0.5, 5, more];
    const input = tensorOf(x, [1, 4, 4, 1]);
    const [y, at] = new MaxPoolWithArgmax2D().apply(input) as Tensor[];
    expect([...(await at!.data())]).toEqual([1, 2, 13, 11]);
    await expectClose(y!, [nan, less, -0.5, nan]);
    const same = new MaxPoolWithArgmax2D({ poolSize: 3, strides: 2, padding: 'same' });
    const nothing = tensorOf([less, less, less, less, less, less, less, less, less], [1, 3, 3, 1]);
    const [least, corner] = same.apply(nothing) as Tensor[];
    expect([...(await corner!.data())]).toEqual([0, 1, 3, 4]);
    for (const t of [input, y, at, nothing, least, corner]) t!.dispose();
  });

  it('has derivatives of the second order', async () => {
    const pooling: Pooling = { ...GEOMETRIES[0]!, batch: 1, channels: 1 };
    const x = noise(24, 5);
    const indices = argmaxReference(x, pooling);
    const input = tensorOf(x, [1, 4, 6, 1]);
    const [pooled, at] = new MaxPoolWithArgmax2D().apply(input) as Tensor[];
    const functions: [Tensor, (v: Tensor) => Tensor][] = [
      [input, (v) => (new MaxPoolWithArgmax2D().apply(v) as Tensor[])[0]!],
      [pooled!, (v) => new MaxUnpool2D().apply([v, at!]) as Tensor],
    ];
    const twice = functions.map(([v, f]) =>
      tidy(() => {
        const cubes = (u: Tensor) => sum<Scalar>(pow(f(u), 3));
        return grad((u) => sum<Scalar>(grad(cubes)(u)))(v);
      }),
    );
    const six = takeReference(x, indices, pooling).map((v) => 6 * v);
    await expectClose(twice[0]!, putReference(six, indices, pooling));
    await expectClose(twice[1]!, six);
    for (const t of [input, pooled, at, ...twice]) t!.dispose();
  });

  it('gives empty batches empty outputs and gradients', async () => {
    const [pool, unpool] = [new MaxPoolWithArgmax2D(), new MaxUnpool2D()];
    const input = tensorOf([], [0, 4, 4, 2]);
    const [y, at] = pool.apply(input) as Tensor[];
    const back = unpool.apply([y!, at!]) as Tensor;
    expect([y!.shape, at!.shape, back.shape]).toEqual([
      [0, 2, 2, 2],
      [0, 2, 2, 2],
      [0, 4, 4, 2],
    ]);
    const dx = tidy(() =>
      grad((v) => unpool.apply(pool.apply(v) as Tensor[]) as Tensor)(input, input),
    );
    expect(dx.shape).toEqual([0, 4, 4, 2]);
    for (const t of [input, y, at, back, dx]) t!.dispose();
  });

  it('makes float32 of integers', async () => {
    const image = tensor([3, -7, 5, 2], [1, 2, 2, 1], 'int32');
    const [y, at] = new MaxPoolWithArgmax2D().apply(image) as Tensor[];
    const whole = new MaxUnpool2D().apply([image, image]) as Tensor;
    expect([y!.dtype, whole.dtype]).toEqual(['float32', 'float32']);
    expect([...(await y!.data()), ...(await at!.data())]).toEqual([5, 2]);
    for (const t of [image, y, at, whole]) t!.dispose();
  });

  it('unpools with indices that a model made float32', async () => {
    const [x, at] = [tensorOf([1, 2], [1, 1, 2, 1]), tensor([4, 3], [1, 1, 2, 1], 'int32')];
    const indices = cast(at, 'float32');
    const y = new MaxUnpool2D().apply([x, indices]) as Tensor;
    await expectClose(y, [0, 0, 0, 2, 1, 0, 0, 0]);
    for (const t of [x, at, indices, y]) t.dispose();
  });

  it('puts nothing where an index is not in its window', async () => {
    const [x, at] = [
      tensorOf([1, 2, 3, 4], [1, 2, 2, 1]),
      tensor([0, 0, -1, 15], [1, 2, 2, 1], 'int32'),
    ];
    const y = new MaxUnpool2D().apply([x, at]) as Tensor;
    await expectClose(y, [1, ...Array(14).fill(0), 4]);
    for (const t of [x, at, y]) t.dispose();
  });
});
