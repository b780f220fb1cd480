import { describe, expect, it } from 'vitest';
import { oneOf, positiveInt, positivePair, show } from '../../src/core/args.js';

describe('option checks', () => {
  it('name the owner, the option, the rule and the value', () => {
    expect(() => positivePair('Upsample2D', 'size', 0)).toThrow(
      'Upsample2D: size must be a positive integer or a pair of them, got 0',
    );
    expect(() => positiveInt('Conv', 'filters', 1.5)).toThrow(
      'Conv: filters must be a positive integer, got 1.5',
    );
    expect(() => oneOf('Conv', 'padding', 'full', ['same', 'valid'])).toThrow(
      "Conv: padding must be one of 'same', 'valid', got 'full'",
    );
  });

  it('return the canonical form', () => {
    expect(positivePair('X', 'size', 2)).toEqual([2, 2]);
    expect(positivePair('X', 'size', [2, 3])).toEqual([2, 3]);
  });

  it('refuse pairs of the wrong length', () => {
    expect(() => positivePair('X', 'size', [1, 2, 3])).toThrow('got [1, 2, 3]');
  });

  it('show a value as its type would be written', () => {
    expect(show('2')).toBe("'2'");
    expect(show([null, Number.NaN])).toBe('[null, NaN]');
  });
});
