import { broadcastTo, engine, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { noise } from '../../support/float64.js';
import { runOnArena } from './arena.js';
import { sizeOf } from './moves.js';
import { onOurKernels } from './registered.js';

/** Sweeps a kernel of two tensors, of one shape or one repeated; results are exact to the last bit. */
export function describeBinary(kernel: Kernel, reference: (a: number, b: number) => number): void {
  const check = (large: number[], small: number[], shape = large) => {
    const values = (of: number[], seed: number) => ({ shape: of, values: noise(sizeOf(of), seed) });
    const [x, y] = [values(large, 1), values(small, 2)];
    const at = (i: number) => y.values[i % y.values.length]!;
    for (const last of ['a', 'b']) {
      const [left] = runOnArena(kernel, { a: x, b: y }, {}, last);
      expect(left!.shape).toEqual(shape);
      const expected = Array.from(x.values, (v, i) => Math.fround(reference(v, at(i))));
      expect([...left!.values]).toEqual(expected);
      const [right] = runOnArena(kernel, { a: y, b: x }, {}, last);
      const turned = Array.from(x.values, (v, i) => Math.fround(reference(at(i), v)));
      expect([...right!.values]).toEqual(turned);
    }
  };

  describe(kernel.kernelName, () => {
    it('repeats the smaller operand, reads and writes nothing outside of its tensors', () => {
      for (const channels of [2, 3, 4, 5, 7, 8, 9, 39, 63, 64, 65]) {
        for (const rows of [2, 3, 17, 129]) check([rows, channels], [channels]);
      }
      check([2, 3, 4, 5], [4, 5]);
      check([2, 3, 4, 5], [1, 1, 1, 5]);
      check([6, 5], [1, 1, 1, 5], [1, 1, 6, 5]);
      check([5000, 16], [16]);
    });

    it('takes two tensors of one shape, reads and writes nothing outside of them', () => {
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 39, 16383, 16384, 16385, 32769]) {
        const [x, y] = [noise(n, 1), noise(n, 2)];
        const inputs = { a: { shape: [n], values: x }, b: { shape: [n], values: y } };
        for (const last of ['a', 'b']) {
          const [z] = runOnArena(kernel, inputs, {}, last);
          expect([...z!.values]).toEqual(Array.from(x, (v, i) => Math.fround(reference(v, y[i]!))));
        }
      }
    });

    it('keeps NaN and infinity', () => {
      const a = { shape: [2, 2], values: [Number.NaN, 1, 2, Number.POSITIVE_INFINITY] };
      const [y] = runOnArena(kernel, { a, b: { shape: [2], values: [2, 3] } }, {});
      expect(y!.values[0]).toBe(Number.NaN);
      expect(y!.values[3]).toBe(reference(Number.POSITIVE_INFINITY, 3));
    });

    it('leaves integers to stock', () => {
      const integers = { shape: [2], values: [1, 2], dtype: 'int32' as const };
      expect(() => runOnArena(kernel, { a: integers, b: integers }, {})).toThrow('left to stock');
    });
  });
}

/** A kernel that leaves what it isn't faster at. */
export function describeLeft(kernel: Kernel): void {
  describe(kernel.kernelName, () => {
    it('leaves numbers and other broadcasts to stock', () => {
      const tensor = (...shape: number[]) => ({ shape, values: noise(sizeOf(shape)) });
      for (const [a, b] of [
        [tensor(2, 2), tensor()],
        [tensor(2, 3), tensor(2, 1)],
        [tensor(2, 1), tensor(3)],
        [tensor(0, 3), tensor(3)],
      ]) {
        expect(() => runOnArena(kernel, { a: a!, b: b! }, {})).toThrow('left to stock');
      }
    });
  });
}

/** A kernel of all broadcasts, which keeps the NaN that stock loses. */
export function describeEveryBroadcast(
  kernel: Kernel,
  reference: (a: number, b: number) => number,
): void {
  describe(kernel.kernelName, () => {
    const { onStock } = onOurKernels();

    it('repeats either operand along any axes, reads and writes nothing outside of its tensors', () => {
      for (const [left, right, shape] of [
        [[2, 3], [], [2, 3]],
        [
          [2, 3],
          [2, 1],
          [2, 3],
        ],
        [[5, 1], [7], [5, 7]],
        [
          [2, 1, 3, 1],
          [4, 1, 5],
          [2, 4, 3, 5],
        ],
        [[1], [1, 1], [1, 1]],
        [[0, 3], [3], [0, 3]],
        [
          [129, 1],
          [1, 130],
          [129, 130],
        ],
      ] as const) {
        const values = (of: readonly number[], seed: number) => ({
          shape: [...of],
          values: Float32Array.from(noise(sizeOf([...of]), seed)),
        });
        const [a, b] = [values(left, 1), values(right, 2)];
        const wide = (x: typeof a) =>
          tidy(() => broadcastTo(tensor(x.values, x.shape), [...shape]).dataSync());
        const [wideA, wideB] = [wide(a), wide(b)];
        for (const last of ['a', 'b']) {
          const [y] = runOnArena(kernel, { a, b }, {}, last);
          expect(y!.shape).toEqual(shape);
          expect([...y!.values]).toEqual(Array.from(wideA, (v, i) => reference(v, wideB[i]!)));
        }
      }
    });

    it('is NaN where either is, also where stock is not', () => {
      const run = (a: number[], b: number[]) => {
        const inputs = { a: tensor(a), b: tensor(b) };
        return [...(engine().runKernel(kernel.kernelName, inputs) as Tensor).dataSync()];
      };
      const left = () => run([Number.NaN, 1], [1, Number.NaN]);
      expect(left()).toEqual([Number.NaN, Number.NaN]);
      expect(onStock(left)).not.toEqual([Number.NaN, Number.NaN]);
      expect(run([1], [Number.NaN, 2])).toEqual([
        Number.NaN,
        kernel.kernelName === 'Maximum' ? 2 : 1,
      ]);
    });
  });
}
