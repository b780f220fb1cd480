import { describe, expect, it } from 'vitest';
import { Random, random, setSeed } from '../../src/core/random.js';

const take = (source: Random, n: number) => Array.from({ length: n }, () => source.next());

describe('Random', () => {
  it('gives equal numbers for equal seeds, in [0, 1), and others for another', () => {
    const numbers = take(new Random(7), 1000);
    expect(take(new Random(7), 1000)).toEqual(numbers);
    expect(take(new Random(8), 1000)).not.toEqual(numbers);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((a, b) => a + b) / 1000).toBeCloseTo(0.5, 1);
  });

  it('goes on from a saved state', () => {
    const source = new Random(1);
    take(source, 10);
    const { state } = source;
    const next = take(source, 5);
    const later = new Random(99);
    later.state = JSON.parse(JSON.stringify(state));
    expect(take(later, 5)).toEqual(next);
  });

  it('permutes every index once, each place alike', () => {
    const source = new Random(3);
    expect([...source.permutation(50)].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    const firsts = new Float64Array(4);
    for (let i = 0; i < 4000; i++) firsts[source.permutation(4)[0]!]! += 1;
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('setSeed restarts the shared source', () => {
    setSeed(5);
    const first = take(random, 3);
    setSeed(5);
    expect(take(random, 3)).toEqual(first);
  });
});
