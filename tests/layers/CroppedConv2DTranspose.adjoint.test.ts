import { conv2d, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { convLength, type Padding } from '../../src/core/shape.js';
import { CroppedConv2DTranspose, type CroppedConv2DTransposeArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { convTransposed64, tensorOf } from '../support/convolution64.js';
import { dot, noise } from '../support/float64.js';

interface Axis {
  n: number;
  k: number;
  s: number;
}

/** Every size, kernel and stride in one axis, each with others in the other axis. */
function pairsOfAxes(padding: Padding): [Axis, Axis][] {
  const pairs: [Axis, Axis][] = [];
  for (let k = 1; k <= 5; k++)
    for (let s = 1; s <= 3; s++)
      for (let n = padding === 'valid' ? k : 1; n <= 17; n++) {
        const other = { k: (k % 5) + 1, s: (s % 3) + 1 };
        const smallest = padding === 'valid' ? other.k : 1;
        pairs.push([
          { n, k, s },
          { n: Math.max(18 - n, smallest), ...other },
        ]);
      }
  return pairs;
}

/** The zeros that a convolution n → m puts before and after. */
function zerosAround({ n, k, s }: Axis, m: number, padding: Padding): [number, number] {
  const total = padding === 'same' ? Math.max((m - 1) * s + k - n, 0) : 0;
  return [total >> 1, total - (total >> 1)];
}

/** The values of a transposed convolution by this kernel, without a bias. */
function transposed(
  y: Tensor4D,
  kernel: Tensor4D,
  args: Omit<CroppedConv2DTransposeArgs, 'filters' | 'kernelSize'>,
): Float32Array {
  const kernelSize: [number, number] = [kernel.shape[0], kernel.shape[1]];
  const options = { filters: kernel.shape[2], kernelSize, useBias: false, ...args };
  const layer = new CroppedConv2DTranspose({ ...options, weights: [kernel] });
  const values = tidy(() => (layer.apply(y) as Tensor).dataSync() as Float32Array);
  layer.dispose();
  return values;
}

onEveryBackend(() => {
  for (const padding of ['same', 'valid'] as const) {
    it(`holds ⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩ for sizes 1–17, kernels 1–5, strides 1–3, ${padding}`, async () => {
      for (const axes of pairsOfAxes(padding)) {
        const [n, k, s] = (['n', 'k', 's'] as const).map((key) =>
          axes.map((axis) => axis[key]),
        ) as [[number, number], [number, number], [number, number]];
        const m = axes.map((axis) => convLength(axis.n, axis.k, axis.s, padding)) as typeof n;
        const around = axes.map((axis, i) => zerosAround(axis, m[i]!, padding)) as [
          typeof n,
          typeof n,
        ];
        const xs = noise(n[0] * n[1], n[0]);
        const ys = noise(m[0] * m[1], k[0]);
        const ks = noise(k[0] * k[1], s[0]);
        const x = tensorOf(xs, [1, ...n, 1]);
        const y = tensorOf(ys, [1, ...m, 1]);
        const kernel = tensorOf(ks, [...k, 1, 1]);

        // Not conv2d(…, 'same'): on WASM it returns zeros where the kernel is smaller than the stride.
        const forward = tidy(() => conv2d(x, kernel, s, [[0, 0], ...around, [0, 0]]).dataSync());
        const back = transposed(y, kernel, { strides: s, padding, outputSize: n });

        expect(Math.abs(dot(forward, ys) - dot(xs, back)), JSON.stringify(axes)).toBeLessThan(1e-5);
        const before: [number, number] = [around[0][0], around[1][0]];
        const geometry = { strides: s, before };
        const exact = convTransposed64(ys, [1, ...m, 1], ks, [...k, 1, 1], n, geometry);
        await expectClose(back, exact, { tolerance: 1e-6 });
        for (const t of [x, y, kernel]) t.dispose();
      }
    });
  }

  it("is cut at 'begin' for 9 → 5 → 9; 'end' is shifted by one pixel and not the adjoint", () => {
    const xs = noise(81, 1);
    const ys = noise(25, 2);
    const x = tensorOf(xs, [1, 9, 9, 1]);
    const y = tensorOf(ys, [1, 5, 5, 1]);
    const kernel = tensorOf(noise(9, 3), [3, 3, 1, 1]);
    const forward = tidy(() => conv2d(x, kernel, 2, 'same').dataSync());
    const back = (outputSize: number, crop?: 'adjoint' | 'begin' | 'end') =>
      transposed(y, kernel, { strides: 2, padding: 'same', outputSize, crop });
    const [byDefault, adjoint, begin, end] = [
      back(9),
      back(9, 'adjoint'),
      back(9, 'begin'),
      back(9, 'end'),
    ];
    expect(byDefault).toEqual(adjoint);
    expect(begin).toEqual(adjoint);
    expect(Math.abs(dot(xs, adjoint) - dot(forward, ys))).toBeLessThan(1e-5);
    expect(Math.abs(dot(xs, end) - dot(forward, ys))).toBeGreaterThan(0.1);
    const uncut = back(10);
    for (let i = 0; i < 9; i++)
      for (let j = 0; j < 9; j++) {
        expect(begin[i * 9 + j]).toBe(uncut[(i + 1) * 10 + j + 1]);
        expect(end[i * 9 + j]).toBe(uncut[i * 10 + j]);
      }
    for (const t of [x, y, kernel]) t.dispose();
  });
});
