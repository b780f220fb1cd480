import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { runOnArena } from './arena.js';

/** The indices of an element that stands at place `i` of a dense tensor. */
export function indicesOf(i: number, shape: readonly number[]): number[] {
  const indices = shape.map(() => 0);
  let rest = i;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    indices[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return indices;
}

/** Where the element with the given indices stands. */
export function placeOf(indices: readonly number[], shape: readonly number[]): number {
  return indices.reduce((place, index, axis) => place * shape[axis]! + index, 0);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A result built element by element: `value` of the indices of each. */
export function build(shape: readonly number[], value: (indices: number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => value(indicesOf(i, shape)));
}

/** 1, 2, 3, … as a tensor: every element tells where it comes from. */
export function counted(shape: number[], first = 1) {
  return { shape, values: Float64Array.from({ length: sizeOf(shape) }, (_, i) => i + first) };
}

/** Shapes of rank 1 to 6, with every size at the edge of a vector, and empty ones. */
export const anyShape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });

/**
 * Sweeps a kernel that moves the elements of one tensor: every result must be exact, for float32 and
 * int32. `expected` gives the shape and the values for x = 1, 2, 3, …
 */
export function describeMove<Attrs extends object>(
  kernel: Kernel,
  cases: readonly (readonly [shape: number[], attrs: Attrs])[],
  random: fc.Arbitrary<readonly [number[], Attrs]>,
  expected: (x: ArrayLike<number>, shape: number[], attrs: Attrs) => [number[], number[]],
): void {
  const check = ([shape, attrs]: readonly [number[], Attrs]) => {
    for (const dtype of ['float32', 'int32'] as const) {
      const x = { ...counted(shape), dtype };
      const [outShape, values] = expected(x.values, shape, attrs);
      for (const [i, output] of runOnArena(kernel, { x }, attrs).entries()) {
        if (i > 0) throw new Error('one output is expected');
        const actual = dtype === 'int32' ? new Int32Array(output.values.buffer) : output.values;
        expect(output.shape, JSON.stringify([shape, attrs])).toEqual(outShape);
        expect([...actual], JSON.stringify([shape, attrs])).toEqual(values);
      }
    }
  };

  describe(kernel.kernelName, () => {
    it('moves every element to its place, reads and writes nothing outside of its tensors', () => {
      for (const one of cases) check(one);
      fc.assert(
        fc.property(random, (one) => check(one)),
        { numRuns: 60, seed: 1 },
      );
    });

    it('moves NaN as it is', () => {
      const [shape, attrs] = cases[0]!;
      const x = { shape, values: counted(shape).values.fill(Number.NaN) };
      const [y] = runOnArena(kernel, { x }, attrs);
      expect(y!.values.some(Number.isNaN)).toBe(true);
    });

    it('leaves booleans to stock', () => {
      const [shape, attrs] = cases[0]!;
      const x = { shape, values: counted(shape).values.fill(1), dtype: 'bool' as const };
      expect(() => runOnArena(kernel, { x }, attrs)).toThrow('the case is left to stock');
    });
  });
}
