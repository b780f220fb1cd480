// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, out: { type: 'string' } },
});

/** Whether `--short` was given: fewer digits and epochs, as in the tests. */
export const short = values.short;

/**
 * The path of a result in the folder that `--out` names, or else in `out`; the folder is made.
 *
 * @param {string} name
 */
export function pathOf(name) {
  const folder = values.out ?? 'out';
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
