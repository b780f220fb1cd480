import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 01, batch normalisation from the formula', () => {
  let table: ExampleResult['table'];
  beforeAll(async () => {
    ({ table } = await runExample('01'));
  }, 240_000);

  it('computes what BatchNorm computes, in training and in inference', () => {
    expect(table).toHaveLength(4);
    for (const row of table) expect(numberIn(row.apart)).toBeLessThan(1e-5);
  });

  it('its moving averages approach the statistics of all digits', () => {
    for (const name of ['mean, moving', 'variance, moving']) {
      const row = table.find((row) => row[''] === name)!;
      const ratio = numberIn(row['by the formula']) / numberIn(row['of all digits']);
      expect(ratio).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.2);
    }
  });
});
