import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 06, a mirrored autoencoder that removes noise', () => {
  let result: ExampleResult;
  beforeAll(async () => {
    result = await runExample('06');
  }, 120_000);

  it('takes more than a third of the error from digits that it never saw', () => {
    const [noisy, denoised] = result.table.map(({ error }) => numberIn(error));
    expect(noisy).toBeGreaterThan(0.3);
    expect(denoised).toBeLessThan(noisy! / 1.5);
  });

  it('draws the denoised digits nearer to the clean ones than the noisy are', () => {
    const { data, channels, width } = result.pictures['06-denoising.png']!;
    // Six frames in each of three rows; all distances are in pixels of the picture.
    const [left, top, side, right, down] = [2 * 20, 2 * (20 + 42), 2 * 184, 2 * 204, 2 * 246];
    const row = (row: number) =>
      Array.from({ length: 6 * side * side }, (_, i) => {
        const [frame, y, x] = [Math.floor(i / side / side), Math.floor(i / side) % side, i % side];
        return data[((top + row * down + y) * width + left + frame * right + x) * channels]!;
      });
    const [noisy, denoised, clean] = [0, 1, 2].map(row);
    const apart = (values: number[]) =>
      values.reduce((sum, value, i) => sum + Math.abs(value - clean![i]!), 0) / values.length;
    expect(clean!.some((value) => value < 50)).toBe(true);
    expect(apart(denoised!)).toBeLessThan(apart(noisy!) / 1.2);
  });
});
