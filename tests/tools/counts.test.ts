import { expect, it } from 'vitest';
import { counts } from '../../tools/counts.js';

const five = {
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};
const some = { ...five, success: false, numFailedTests: 2, numPendingTests: 1, numTodoTests: 2 };

it('tests are counted in one line', () => {
  expect(counts([{ results: five, success: true }])).toBe('5 passed, 0 failed');
  expect(counts([{ results: some, success: false }])).toBe('5 passed, 2 failed, 3 skipped');
});

it('the tests of several runs are counted together', () => {
  const runs = [
    { results: some, success: false },
    { results: five, success: true },
  ];
  expect(counts(runs)).toBe('10 passed, 2 failed, 3 skipped');
  expect(counts([runs[1]!, { results: undefined, success: false }])).toBe('5 passed, 1 failed');
});

it('a suite that fails to load counts as a failure', () => {
  expect(counts([{ results: { ...five, success: false }, success: false }])).toBe(
    '5 passed, 1 failed',
  );
});

it('a run that wrote no results counts as a failure', () => {
  expect(counts([{ results: undefined, success: false }])).toBe('0 passed, 1 failed');
});
