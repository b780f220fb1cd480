import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 10, training in a worker', () => {
  let rows: ExampleResult['table'];
  beforeAll(async () => {
    ({ table: rows } = await runExample('10'));
  }, 120_000);

  it('while the main thread trains it answers nothing; with breaths and with a worker it does', () => {
    const [main, breaths, worker] = rows.map(({ answers }) => numberIn(answers));
    expect(main).toBe(0);
    expect(breaths).toBeGreaterThan(0);
    expect(worker).toBeGreaterThan(0);
  });

  it('all three learn the same, and what the worker learnt has come back', () => {
    const [main, breaths, worker] = rows.map((row) => numberIn(row['held-out digits']));
    expect(main).toBeGreaterThan(70);
    expect(breaths).toBe(main);
    expect(worker).toBe(main);
  });
});
