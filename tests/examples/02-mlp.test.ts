import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 02, an MLP with and without BatchNorm', () => {
  let result: ExampleResult;
  beforeAll(async () => {
    result = await runExample('02');
  }, 240_000);

  it('with BatchNorm the worst of three starts is far above the best without', () => {
    const last = Object.fromEntries(
      result.table.filter(({ epoch }) => epoch === '3').map((row) => [row['held-out digits'], row]),
    );
    const [plain, normalised] = [last['without BatchNorm'], last['with BatchNorm']];
    expect(numberIn(normalised!.least)).toBeGreaterThan(60);
    expect(numberIn(plain!.most)).toBeLessThan(40);
  });

  it('draws both curves in one plot, in grey and in blue', () => {
    const { data, channels } = result.pictures['02-mlp.png']!;
    const colours = new Set<string>();
    for (let i = 0; i < data.length; i += channels) colours.add(data.subarray(i, i + 3).join());
    expect(colours).toContain('113,113,122');
    expect(colours).toContain('29,78,216');
  });
});
