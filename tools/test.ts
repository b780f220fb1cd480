// Runs vitest with the given arguments; the last line counts the tests, also when vitest crashed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { counts, type Results } from './counts.js';

const RESULTS = 'test-results.json';

rmSync(RESULTS, { force: true });
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit' });

const results: Results | undefined = existsSync(RESULTS)
  ? JSON.parse(readFileSync(RESULTS, 'utf8'))
  : undefined;
const success = status === 0 && results?.success === true;
console.log(counts(results, success));
process.exitCode = success ? 0 : 1;
