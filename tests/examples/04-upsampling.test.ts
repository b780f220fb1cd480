import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 04, upsampling and unpooling', () => {
  let result: ExampleResult;
  beforeAll(async () => {
    result = await runExample('04');
  }, 240_000);

  it('the smoother the interpolation, the smaller the error; pixel shuffle has none', () => {
    const errors = Object.fromEntries(
      result.table.map((row) => [row['28 × 28 again by'], numberIn(row.error)]),
    );
    expect(errors.bilinear).toBeLessThan(errors.nearest!);
    expect(errors.bicubic).toBeLessThan(errors.bilinear!);
    expect(errors.transpose).toBe(errors.nearest);
    expect(errors['pixel shuffle']).toBe(0);
  });

  it('draws nearest and transposed upsampling of the same averages alike', () => {
    const { data, channels, width } = result.pictures['04-upsampling.png']!;
    // The frames lie on a grid of `step` pixels; both pictures are in the first row.
    const [left, top, side, step] = [2 * 20, 2 * (20 + 42), 2 * 184, 2 * (184 + 20)];
    const frame = (column: number) =>
      Array.from({ length: side }, (_, y) => {
        const from = ((top + y) * width + left + column * step) * channels;
        return Buffer.from(data.slice(from, from + side * channels)).toString('hex');
      }).join();
    const [nearest, bilinear, transpose] = [1, 2, 4].map(frame);
    expect(transpose === nearest).toBe(true);
    expect(bilinear === nearest).toBe(false);
    expect(new Set(nearest!.split(',')).size).toBe(7);
  });
});
