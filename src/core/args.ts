/**
 * An option is wrong: the message names the owner, the option, the rule and the value.
 *
 * @example
 * ```ts
 * try {
 *   new Upsample2D({ size: 0 });
 * } catch (error) {
 *   if (error instanceof OptionError) console.error(error.message); // Upsample2D: size must be …
 * }
 * ```
 */
export class OptionError extends Error {
  /** `'OptionError'`. */
  override name = 'OptionError';
}

/** Throws `Owner: option must be <rule>, got <value>`. */
export function refuse(owner: string, option: string, rule: string, value: unknown): never {
  throw new OptionError(`${owner}: ${option} must be ${rule}, got ${show(value)}`);
}

/** A value as an error message shows it: short, and telling `'2'` from `2`. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

/** A finite number that holds `rule`. */
export function number(
  owner: string,
  option: string,
  value: unknown,
  rule: string,
  holds: (value: number) => boolean,
): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || !holds(value)) {
    refuse(owner, option, rule, value);
  }
  return value;
}

/** An integer ≥ 1. */
export function positiveInt(owner: string, option: string, value: unknown): number {
  return number(owner, option, value, 'a positive integer', isPositiveInt);
}

/** A positive integer or a pair of them, as a pair. */
export function positivePair(owner: string, option: string, value: unknown): [number, number] {
  return pair(owner, option, value, 'a positive integer or a pair of them', isPositiveInt);
}

/** A number that holds `rule`, or a pair of such numbers, as a pair. */
export function pair(
  owner: string,
  option: string,
  value: unknown,
  rule: string,
  holds: (value: number) => boolean,
): [number, number] {
  const both = Array.isArray(value) ? value : [value, value];
  const valid = both.length === 2 && both.every((v) => Number.isFinite(v) && holds(v));
  if (!valid) refuse(owner, option, rule, value);
  return [both[0], both[1]];
}

/** One of the given strings. */
export function oneOf<T extends string>(
  owner: string,
  option: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (!choices.includes(value as T)) {
    refuse(owner, option, `one of ${choices.map((c) => `'${c}'`).join(', ')}`, value);
  }
  return value as T;
}

/** `true` or `false`, nothing that is merely truthy. */
export function boolean(owner: string, option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuse(owner, option, 'true or false', value);
  return value;
}

function isPositiveInt(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
