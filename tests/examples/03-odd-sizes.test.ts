import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 03, the odd-size transposed convolution', () => {
  let result: ExampleResult;
  beforeAll(async () => {
    result = await runExample('03');
  }, 240_000);
  const rowOf = (name: string) => result.table.find(({ decoded }) => decoded === name)!;
  const shiftOf = (row: Record<string, string>) => [
    numberIn(row['pixels down']),
    numberIn(row['to the right']),
  ];

  it('stock tfjs makes 10 × 10 of what was 9 × 9, CroppedConv2DTranspose 9 × 9', () => {
    expect(rowOf('a cross, stock tfjs').size).toBe('10 × 10');
    expect(rowOf('a cross, CroppedConv2DTranspose').size).toBe('9 × 9');
  });

  it('an image cut at its end is a pixel off, the exact one is where it was', () => {
    for (const shift of shiftOf(rowOf('a digit, cut at the end'))) {
      expect(shift).toBeGreaterThan(0.8);
      expect(shift).toBeLessThan(1.2);
    }
    for (const name of ['a cross', 'a digit']) {
      expect(shiftOf(rowOf(`${name}, CroppedConv2DTranspose`))).toEqual([0, 0]);
    }
  });

  it('shows the one-pixel shift: the crossing is a pixel lower and to the right', () => {
    const { data, channels, width } = result.pictures['03-odd-sizes.png']!;
    /** The grey in the middle of a pixel of the cross, in this column of the pictures; 24 is ink. */
    const grey = (column: number, row: number, at: number) => {
      const [left, top, side, step] = [2 * 20, 2 * (20 + 42), 2 * 184, 2 * (184 + 20)];
      const [y, x] = [row, at].map((i) => Math.floor(((i + 0.5) * side) / 9));
      return data[((top + y!) * width + left + column * step + x!) * channels]!;
    };
    const [original, cut, exact] = [0, 2, 3];
    for (const column of [original, exact]) expect(grey(column, 4, 4)).toBe(24);
    expect(grey(cut, 5, 5)).toBe(24);
    expect(grey(cut, 4, 4)).toBeGreaterThan(48);
    expect(grey(exact, 5, 5)).toBeGreaterThan(48);
  });
});
