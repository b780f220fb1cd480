import { expect, it } from 'vitest';
import { counts } from '../../tools/counts.js';

const five = {
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

it('tests are counted in one line', () => {
  expect(counts(five, true)).toBe('5 passed, 0 failed');
  const some = { ...five, success: false, numFailedTests: 2, numPendingTests: 1, numTodoTests: 2 };
  expect(counts(some, false)).toBe('5 passed, 2 failed, 3 skipped');
});

it('a suite that fails to load counts as a failure', () => {
  expect(counts({ ...five, success: false }, false)).toBe('5 passed, 1 failed');
});

it('a run that wrote no results counts as a failure', () => {
  expect(counts(undefined, false)).toBe('0 passed, 1 failed');
});
