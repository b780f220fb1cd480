import { describe, expect, it } from 'vitest';
import { splitV as kernel } from '../../src/kernels/moves/splitV.js';
import { splitV as reference } from './reference/splitV.js';
import { runOnArena } from './support/arena.js';
import { counted } from './support/moves.js';

describe('SplitV', () => {
  it('cuts into parts, reads and writes nothing outside of its tensors', () => {
    for (const n of [1, 3, 4, 5, 8, 9, 39, 150]) {
      for (const axis of [0, 1, 2]) {
        const sizes = [n, 1, 2, 0];
        const shape = [2, 3, 4].map((size, a) => (a === axis ? n + 3 : size));
        const x = counted(shape);
        const parts = runOnArena(kernel, { x }, { numOrSizeSplits: sizes, axis });
        const expected = reference(x.values, shape, sizes, axis);
        expect(parts.map((part) => [part.shape, [...part.values]])).toEqual(expected);
      }
    }
  });

  it('takes a number of equal parts, a negative axis and a size of −1', () => {
    const x = counted([2, 4]);
    const [first, second] = runOnArena(kernel, { x }, { numOrSizeSplits: 2, axis: -1 });
    expect([...first!.values]).toEqual([1, 2, 5, 6]);
    expect([...second!.values]).toEqual([3, 4, 7, 8]);
    const [, rest] = runOnArena(kernel, { x }, { numOrSizeSplits: [1, -1], axis: 1 });
    expect(rest!.shape).toEqual([2, 3]);
  });

  it('leaves booleans to stock', () => {
    const x = { shape: [2], values: [1, 0], dtype: 'bool' as const };
    expect(() => runOnArena(kernel, { x }, { numOrSizeSplits: 2, axis: 0 })).toThrow(
      'the case is left to stock',
    );
  });
});
