import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** The Python that has the packages of tools/golden/requirements.txt, if there is one. */
export const python = [process.env.PYTHON ?? '', '.venv/bin/python'].find(existsSync);

/** Why tests that need Python are skipped, for their title; CI never skips them. */
export const withoutPython =
  python || process.env.CI ? '' : ' (skipped: no Python in PYTHON or .venv/bin/python)';

/** Runs that Python. */
export function runPython(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  if (!python) throw new Error('no Python in PYTHON or .venv/bin/python: run .ci/run once');
  return promisify(execFile)(python, args);
}
