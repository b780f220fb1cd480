import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernels/kernel.js';
import { concat as kernel } from '../../src/kernels/moves/concat.js';
import { concat as reference } from './reference/concat.js';
import { runOnArena } from './support/arena.js';
import { anyShape, counted } from './support/moves.js';

/** Runs the kernel, whose inputs are a list, on named inputs. */
const named: Kernel = {
  ...kernel,
  run: (heap, inputs, attrs) => {
    const tensors = Object.values(inputs as object).map((t: { shape: number[] }) => {
      return { ...t, size: t.shape.reduce((a, b) => a * b, 1) };
    });
    return kernel.run(heap, tensors as never, attrs);
  },
};

function check(shape: number[], sizes: number[], axis: number): void {
  const inputs = sizes.map((size, i) => {
    return counted(
      shape.map((n, a) => (a === axis ? size : n)),
      i * 10000,
    );
  });
  const last = sizes.lastIndexOf(Math.max(...sizes));
  const entries = Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]));
  const [y] = runOnArena(named, entries, { axis }, `x${last}`);
  const [expectedShape, values] = reference(inputs, axis);
  expect(y!.shape).toEqual(expectedShape);
  expect([...y!.values]).toEqual(values);
}

describe('Concat', () => {
  it('puts tensors one after the other, reads and writes nothing outside of them', () => {
    for (const n of [1, 3, 4, 5, 8, 9, 39, 150]) {
      for (const axis of [0, 1, 2]) check([2, 3, 5], [n, 2, 0, n], axis);
    }
    fc.assert(
      fc.property(anyShape, fc.nat(5), fc.integer({ min: 1, max: 4 }), (shape, axis, n) => {
        check(shape, [n, 1, n + 1], axis % shape.length);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('takes a negative axis', () => {
    const inputs = { a: counted([2, 1]), b: counted([2, 1], 5) };
    expect([...runOnArena(named, inputs, { axis: -1 })[0]!.values]).toEqual([1, 5, 2, 6]);
  });

  it('refuses shapes that do not fit', () => {
    const inputs = { a: counted([2, 1]), b: counted([3, 1]) };
    expect(() => runOnArena(named, inputs, { axis: 1 })).toThrow('Error in concat2D: Shape of');
  });

  it('leaves booleans, and a single tensor with elements, to stock', () => {
    const bool = { shape: [2], values: [1, 0], dtype: 'bool' as const };
    const stock = 'the case is left to stock';
    expect(() => runOnArena(named, { a: bool, b: bool }, { axis: 0 })).toThrow(stock);
    expect(() => runOnArena(named, { a: counted([2]), b: counted([0]) }, { axis: 0 })).toThrow(
      stock,
    );
  });
});
