import type { FileResults } from './compatibility.js';

/** What is used of vitest's result file. */
export interface Results {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: FileResults[];
}

/** One run of vitest. */
export interface Run {
  /** What it wrote, if it came that far. */
  results: Results | undefined;
  success: boolean;
}

/**
 * How many tests passed, failed and were skipped in all runs, as one line. A run without results, or
 * with an error outside a test, such as a suite that can't be loaded, has at least one failure.
 */
export function counts(runs: Run[]): string {
  const sum = (count: (run: Run) => number) => runs.reduce((total, run) => total + count(run), 0);
  const passed = sum(({ results }) => results?.numPassedTests ?? 0);
  const failed = sum(({ results, success }) =>
    Math.max(results?.numFailedTests ?? 0, success ? 0 : 1),
  );
  const skipped = sum(({ results }) =>
    results ? results.numPendingTests + results.numTodoTests : 0,
  );
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
