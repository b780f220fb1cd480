import { describe, expect, it } from 'vitest';
import { cosine, stepDecay, warmUp } from '../../src/index.js';

describe('learning-rate schedules', () => {
  it('cosine falls along half a cosine and stays at its end', () => {
    const rate = cosine({ from: 1, to: 0.2, steps: 10 });
    expect([0, 5, 10, 99].map(rate)).toEqual([1, 0.6000000000000001, 0.2, 0.2]);
    expect(rate(2)).toBeCloseTo(0.2 + 0.4 * (1 + Math.cos(Math.PI / 5)), 12);
  });

  it('stepDecay multiplies by its factor every so many steps', () => {
    const rate = stepDecay({ from: 1, factor: 0.5, every: 3 });
    expect([0, 2, 3, 5, 6].map(rate)).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(stepDecay({ from: 1, every: 1 })(2)).toBeCloseTo(0.01, 12);
  });

  it('warmUp rises in a line to the first rate and then follows the schedule', () => {
    const rate = warmUp(stepDecay({ from: 1, factor: 0.5, every: 2 }), 4);
    expect([0, 1, 2, 3, 4, 5, 6].map(rate)).toEqual(
      [0.2, 0.4, 0.6, 0.8, 1, 1, 0.5].map((v) => expect.closeTo(v, 12)),
    );
  });

  it('refuse options out of their range', () => {
    const refused: [() => unknown, string][] = [
      [() => cosine({ from: 0, steps: 1 }), 'cosine: from must be a positive number, got 0'],
      [() => cosine({ from: 1, to: 2, steps: 1 }), 'cosine: to must be in [0, from], got 2'],
      [() => cosine({ from: 1, steps: 0 }), 'cosine: steps must be a positive integer, got 0'],
      [
        () => stepDecay({ from: -1, every: 1 }),
        'stepDecay: from must be a positive number, got -1',
      ],
      [
        () => stepDecay({ from: 1, factor: 1, every: 1 }),
        'stepDecay: factor must be in (0, 1), got 1',
      ],
      [
        () => stepDecay({ from: 1, every: 1.5 }),
        'stepDecay: every must be a positive integer, got 1.5',
      ],
      [() => warmUp(() => 1, 0), 'warmUp: steps must be a positive integer, got 0'],
    ];
    for (const [call, message] of refused) expect(call).toThrow(message);
  });
});
