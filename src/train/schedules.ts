import { number, positiveInt } from '../core/args.js';

/** The learning rate at a step; steps count from 0. */
export type Schedule = (step: number) => number;

const positive = (value: number) => value > 0;
const fraction = (value: number) => value > 0 && value < 1;

/**
 * Half a cosine from `from` down to `to` over so many steps, then `to`:
 * `to + (from − to)·(1 + cos(π·step/steps))/2` (Loshchilov and Hutter 2017, equation 5).
 *
 * @param options.to - Default 0.
 * @throws {@link OptionError} for a rate or a number of steps that is not positive.
 *
 * @example
 * ```ts
 * warmUp(cosine({ from: 1e-3, steps: 10_000 }), 500);
 * ```
 */
export function cosine(options: { from: number; to?: number; steps: number }): Schedule {
  const { to = 0 } = options;
  const from = number('cosine', 'from', options.from, 'a positive number', positive);
  number('cosine', 'to', to, 'in [0, from]', (rate) => rate >= 0 && rate <= from);
  const steps = positiveInt('cosine', 'steps', options.steps);
  return (step) =>
    to + ((from - to) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
}

/**
 * Multiplies the rate by `factor` every so many steps: `from·factor^⌊step/every⌋`.
 *
 * @param options.factor - In (0, 1). Default 0.1.
 * @throws {@link OptionError} for a rate, a factor or a number of steps out of its range.
 *
 * @example
 * ```ts
 * const schedule = stepDecay({ from: 0.1, every: 30_000 }); // 0.1, then 0.01, then 0.001 …
 * ```
 */
export function stepDecay(options: { from: number; factor?: number; every: number }): Schedule {
  const from = number('stepDecay', 'from', options.from, 'a positive number', positive);
  const factor = number('stepDecay', 'factor', options.factor ?? 0.1, 'in (0, 1)', fraction);
  const every = positiveInt('stepDecay', 'every', options.every);
  return (step) => from * factor ** Math.floor(step / every);
}

/**
 * Goes up in a straight line to a schedule's first rate, over so many steps, then follows it from
 * its beginning: `schedule(0)·(step + 1)/(steps + 1)`, then `schedule(step − steps)`
 * (Goyal et al. 2017, section 2.2).
 *
 * @throws {@link OptionError} when `steps` is not a positive integer.
 *
 * @example
 * ```ts
 * const schedule = warmUp(stepDecay({ from: 0.1, every: 30_000 }), 500);
 * ```
 */
export function warmUp(schedule: Schedule, steps: number): Schedule {
  positiveInt('warmUp', 'steps', steps);
  return (step) =>
    step < steps ? (schedule(0) * (step + 1)) / (steps + 1) : schedule(step - steps);
}
