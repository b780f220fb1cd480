import { number } from '../../core/args.js';

/** A number in [0, 1). */
export function share(owner: string, option: string, value: unknown): number {
  return number(owner, option, value, 'a number in [0, 1)', (v) => v >= 0 && v < 1);
}

export function notNegative(owner: string, option: string, value: unknown): number {
  return number(owner, option, value, 'a number ≥ 0', (v) => v >= 0);
}
