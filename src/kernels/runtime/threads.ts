import { number, refuse } from '../../core/args.js';
import { node } from '../../core/node.js';

/** More than this are not used by themselves: few layers gain from them. */
const USUAL = 8;
const MOST = 64;

/** How many threads to use, where nothing is said: all cores, up to 8. */
export function usualThreads(): number {
  const cores = node
    ? node('node:os').availableParallelism()
    : (globalThis.navigator?.hardwareConcurrency ?? 1);
  return Math.max(1, Math.min(cores, USUAL));
}

/** The option `threads`. */
export function readThreads(owner: string, value: unknown): number {
  const valid = (n: number) => Number.isInteger(n) && n >= 1 && n <= MOST;
  return number(owner, 'threads', value, `an integer from 1 to ${MOST}`, valid);
}

/** The option `workerUrl`. */
export function readWorkerUrl(owner: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') refuse(owner, 'workerUrl', 'a URL', value);
  return value;
}
