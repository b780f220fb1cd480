// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    out: { type: 'string' },
    weights: { type: 'string' },
    picture: { type: 'string' },
    classes: { type: 'string' },
  },
});

/** Whether `--short` was given: fewer digits and epochs, as in the tests. */
export const short = values.short;

/** The files that example 08 takes: weights, a picture, and a name for each class on a line of its own. */
export const { weights, picture, classes } = values;
if (!weights !== !picture) throw new Error('--weights FILE and --picture PNG go together');

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
