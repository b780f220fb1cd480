import { grad, pow, type Scalar, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Upsample2D, type Upsample2DArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { type Resize, resizeReference, sumPool } from './reference.js';

/** The layer's output, and its gradient for the output gradient dy. */
async function run(
  args: Upsample2DArgs,
  x: ArrayLike<number>,
  shape: number[],
  dy?: ArrayLike<number>,
) {
  const layer = new Upsample2D(args);
  const input = tensor(Float32Array.from(x), shape);
  const y = layer.apply(input) as Tensor;
  const dx =
    dy &&
    tidy(() =>
      grad((v) => layer.apply(v) as Tensor)(input, tensor(Float32Array.from(dy), y.shape)),
    );
  const result = { shape: y.shape, y: await y.data(), dx: await dx?.data() };
  for (const t of [input, y, dx]) t?.dispose();
  return result;
}

onEveryBackend(() => {
  const cases: [Upsample2DArgs, Resize['mode'], Resize['from'], Resize['to']][] = [
    [{ size: [2, 3] }, 'nearest', [3, 2], [6, 6]],
    [{ size: 1.6 }, 'nearest', [4, 3], [6, 4]],
    [{ outputSize: [7, 6], alignCorners: true }, 'nearest', [4, 3], [7, 6]],
    [{ interpolation: 'bilinear' }, 'bilinear', [3, 4], [6, 8]],
    [{ interpolation: 'bilinear', outputSize: [2, 9] }, 'bilinear', [5, 4], [2, 9]],
    [{ interpolation: 'bilinear', size: 1.5, alignCorners: true }, 'bilinear', [3, 4], [4, 6]],
    [{ interpolation: 'bicubic', outputSize: [7, 5] }, 'keras', [3, 5], [7, 5]],
    [{ interpolation: 'bicubic', cubic: 'torch', size: 2 }, 'torch', [3, 4], [6, 8]],
    [{ interpolation: 'bicubic', alignCorners: true }, 'keras', [1, 4], [2, 8]],
  ];

  describe.each(cases)('%o', (args, mode, from, to) => {
    it('agrees with float64 loops, and its gradient with finite differences', async () => {
      const [batch, channels] = [2, 3];
      const options = { mode, from, to, batch, channels, alignCorners: args.alignCorners ?? false };
      const x = noise(batch * from[0] * from[1] * channels, 1);
      const dy = noise(batch * to[0] * to[1] * channels, 2);
      const result = await run(args, x, [batch, ...from, channels], dy);
      expect(result.shape).toEqual([batch, ...to, channels]);
      await expectClose(result.y, resizeReference(x, options), { tolerance: 2e-6 });
      const loss = (v: Float64Array) => dot(resizeReference(v, options), dy);
      await expectClose(result.dx!, finiteDifferences(loss, x), { tolerance: 2e-6 });
    });
  });

  it("is the adjoint of sum pooling for 'transpose', at odd sizes too, and so is the gradient", async () => {
    const sizes: [number, number, number, number][] = [
      [9, 10, 2, 3],
      [7, 5, 3, 2],
    ];
    for (const [h, w, r, s] of sizes) {
      const [m, n] = [Math.ceil(h / r), Math.ceil(w / s)];
      const x = noise(m * n * 2, 3);
      const image = noise(h * w * 2, 4);
      const args: Upsample2DArgs = { interpolation: 'transpose', size: [r, s], outputSize: [h, w] };
      const { y, dx } = await run(args, x, [1, m, n, 2], image);
      expect(dot(y, image)).toBeCloseTo(dot(x, sumPool(image, [h, w], 2, [r, s])), 4);
      await expectClose(dx!, sumPool(image, [h, w], 2, [r, s]));
    }
  });

  it('has derivatives of the second order', async () => {
    const layer = new Upsample2D({ interpolation: 'bilinear' });
    const x = tensor([1, 2, -1, 3], [1, 2, 2, 1]);
    const twice = tidy(() => {
      const cubed = (v: Tensor) => sum<Scalar>(pow(layer.apply(v) as Tensor, 3));
      return grad((v) => sum<Scalar>(grad(cubed)(v)))(x);
    });
    const options = { mode: 'bilinear', from: [2, 2], to: [4, 4], batch: 1, channels: 1 } as const;
    const up = (v: ArrayLike<number>) => resizeReference(v, { ...options, alignCorners: false });
    // d/dx Σᵢ ∂/∂xᵢ Σ(Ax)³ = Aᵀ(6·Ax·A1)
    const weights = up([1, 1, 1, 1]);
    const inner = (v: Float64Array) =>
      dot(
        up(v).map((y) => 3 * y * y),
        weights,
      );
    await expectClose(twice, finiteDifferences(inner, [1, 2, -1, 3]), { tolerance: 1e-5 });
    x.dispose();
    twice.dispose();
  });

  it.each([
    { interpolation: 'nearest' },
    { interpolation: 'nearest', size: 1.5 },
    { interpolation: 'bilinear' },
    { interpolation: 'transpose' },
  ] as const)(
    'gives an empty batch an empty output, and an empty gradient, with %o',
    async (args) => {
      const { shape, y, dx } = await run(args, [], [0, 2, 2, 3], []);
      const side = args.interpolation === 'nearest' && args.size ? 3 : 4;
      expect(shape).toEqual([0, side, side, 3]);
      expect([y.length, dx!.length]).toEqual([0, 0]);
    },
  );

  it('copies NaN, infinities and integers unchanged in nearest mode', async () => {
    const x = [Number.NaN, 1, Number.POSITIVE_INFINITY, 4];
    const { y } = await run({ size: 1.5 }, x, [1, 2, 2, 1]);
    expect([...y]).toEqual([0, 1, 1, 2, 3, 3, 2, 3, 3].map((i) => x[i]));
    for (const args of [
      { size: 2 },
      { size: 1.5 },
      { size: 2, interpolation: 'transpose' },
    ] as const) {
      const image = tensor([16777215, -3], [1, 1, 2, 1], 'int32');
      const up = new Upsample2D(args).apply(image) as Tensor;
      expect(up.dtype).toBe('int32');
      expect(new Set(await up.data())).toEqual(new Set([16777215, -3]));
      image.dispose();
      up.dispose();
    }
  });

  it('makes float32 of integers in the other modes', async () => {
    const image = tensor([1, 3], [1, 1, 2, 1], 'int32');
    const up = new Upsample2D({ size: [1, 2], interpolation: 'bilinear' }).apply(image) as Tensor;
    expect(up.dtype).toBe('float32');
    await expectClose(up, [1, 1.5, 2.5, 3]);
    image.dispose();
    up.dispose();
  });
});
