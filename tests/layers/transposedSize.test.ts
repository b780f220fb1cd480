import { describe, expect, it } from 'vitest';
import { type Axis, convLength, defaultLength, possibleLengths } from '../../src/core/shape.js';
import { transposedPadding } from '../../src/layers/transposedSize.js';

const AXES: Axis[] = [1, 2, 3, 4, 5].flatMap((kernel) =>
  [1, 2, 3].flatMap((stride) =>
    (['same', 'valid'] as const).map((padding) => ({ kernel, stride, padding })),
  ),
);

describe('possibleLengths', () => {
  it('are exactly those that the convolution takes to m', () => {
    for (const axis of AXES) {
      const { kernel, stride, padding } = axis;
      for (let m = 1; m < 8; m++) {
        const lengths = Array.from({ length: 40 }, (_, n) => n).filter(
          (n) => n > 0 && convLength(n, kernel, stride, padding) === m,
        );
        expect([lengths[0], lengths.at(-1)]).toEqual(possibleLengths(m, axis));
      }
    }
  });

  it('include the default length', () => {
    for (const axis of AXES) {
      const [least, most] = possibleLengths(4, axis);
      expect(defaultLength(4, axis)).toBeGreaterThanOrEqual(least);
      expect(defaultLength(4, axis)).toBeLessThanOrEqual(most);
    }
  });
});

describe('transposedPadding', () => {
  it('pads a convolution from n to exactly m', () => {
    for (const axis of AXES)
      for (let m = 1; m < 8; m++) {
        const [least, most] = possibleLengths(m, axis);
        for (let n = least; n <= most; n++)
          for (const crop of ['adjoint', 'begin', 'end', 'center'] as const) {
            const [before, after] = transposedPadding(m, n, axis, crop);
            expect(Math.min(before, after)).toBeGreaterThanOrEqual(0);
            expect(convLength(n + before + after, axis.kernel, axis.stride, 'valid')).toBe(m);
          }
      }
  });

  it('cuts the default window where crop says', () => {
    const axis: Axis = { kernel: 7, stride: 4, padding: 'same' };
    // 3 → 12 starts at 1 of the full 15; 9 of these 12 are kept.
    expect(transposedPadding(3, 12, axis, 'end')).toEqual([1, 2]);
    expect(transposedPadding(3, 9, axis, 'begin')).toEqual([4, 2]);
    expect(transposedPadding(3, 9, axis, 'center')).toEqual([2, 4]);
    expect(transposedPadding(3, 9, axis, 'end')).toEqual([1, 5]);
    // A 'same' convolution of 9 pads 6 zeros: 3 before.
    expect(transposedPadding(3, 9, axis, 'adjoint')).toEqual([3, 3]);
  });
});
