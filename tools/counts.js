// Prints how many tests passed, failed and were skipped, from vitest's own result file.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync('test-results.json', 'utf8'));
const skipped = results.numPendingTests + results.numTodoTests;
// A suite that fails to load has no failed test, and is a failure all the same.
const failed = Math.max(results.numFailedTests, results.success ? 0 : 1);
const tail = skipped > 0 ? `, ${skipped} skipped` : '';
console.log(`${results.numPassedTests} passed, ${failed} failed${tail}`);
