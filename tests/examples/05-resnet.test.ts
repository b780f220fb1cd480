import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 05, a ResNet against an MLP', () => {
  let mlp: ExampleResult['table'][number];
  let resNet: ExampleResult['table'][number];
  beforeAll(async () => {
    const { table } = await runExample('05');
    [mlp, resNet] = table as [typeof mlp, typeof resNet];
  }, 240_000);

  it('both learn the digits, the ResNet with a thirteenth of the parameters', () => {
    expect(numberIn(resNet.parameters) * 13).toBeLessThan(numberIn(mlp.parameters));
    for (const { 'held out': heldOut } of [mlp, resNet]) {
      expect(numberIn(heldOut)).toBeGreaterThan(80);
    }
  });

  it('what the ResNet learned holds for new digits better than what the MLP did', () => {
    const lost = (row: typeof mlp) => numberIn(row.accuracy) - numberIn(row['held out']);
    expect(lost(resNet)).toBeLessThan(lost(mlp) - 1);
  });
});
