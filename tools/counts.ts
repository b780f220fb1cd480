/** What is used of vitest's result file. */
export interface Results {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

/**
 * How many tests passed, failed and were skipped, as one line. Without results, or with an error
 * outside a test, such as a suite that can't be loaded, there is at least one failure.
 */
export function counts(results: Results | undefined, success: boolean): string {
  if (!results) return '0 passed, 1 failed';
  const failed = Math.max(results.numFailedTests, success ? 0 : 1);
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
