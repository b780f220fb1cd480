import {
  add,
  div,
  maximum,
  minimum,
  mul,
  relu,
  sqrt,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { number, refuse } from '../core/args.js';
import { moved, type UpdateRates } from './movingAverages.js';
import type { Statistics } from './statistics.js';

/** The bounds of the corrections of batch renormalisation; one that is left out bounds nothing. */
export interface RenormClipping {
  /** The least r, in [0, 1]. Default none. */
  rmin?: number | null;
  /** The largest r, at least 1. Default none. */
  rmax?: number | null;
  /** The largest |d|, at least 0. Default none. */
  dmax?: number | null;
}

/** What makes of a batch's normalised values those of the moving averages: `x̂·r + d`. */
export interface Correction {
  r: Tensor1D;
  d: Tensor1D;
}

const BOUNDS: Record<keyof RenormClipping, [rule: string, holds: (v: number) => boolean]> = {
  rmin: ['in [0, 1]', (v) => v >= 0 && v <= 1],
  rmax: ['at least 1', (v) => v >= 1],
  dmax: ['at least 0', (v) => v >= 0],
};

/** The bounds in canonical form: those that are given. */
export function renormClipping(owner: string, value: unknown): RenormClipping {
  const rule = 'an object of rmin, rmax and dmax, each of which may be left out';
  const given = Object.entries(value ?? {}).filter(([, bound]) => bound != null);
  const known = given.every(([key]) => Object.hasOwn(BOUNDS, key));
  if (typeof (value ?? {}) !== 'object' || !known) refuse(owner, 'renormClipping', rule, value);
  for (const [key, bound] of given) {
    number(owner, `renormClipping.${key}`, bound, ...BOUNDS[key as keyof RenormClipping]);
  }
  return Object.fromEntries(given);
}

/** The averages that a layer with renormalisation has beside the moving mean and variance. */
export class RenormAverages {
  readonly #movingDeviation: LayerVariable;
  readonly #mean: LayerVariable;
  readonly #deviation: LayerVariable;

  /** @param add - Makes a variable, which starts as the moving mean or the moving variance does. */
  constructor(add: (name: string, starts: 'mean' | 'variance') => LayerVariable) {
    const deviation = (name: string) => {
      const variable = add(name, 'variance');
      tidy(() => {
        variable.write(sqrt(variable.read()));
      });
      return variable;
    };
    this.#movingDeviation = deviation('moving_stddev');
    this.#mean = add('renorm_mean', 'mean');
    this.#deviation = deviation('renorm_stddev');
  }

  /**
   * How a batch's mean and deviation differ from their averages: `r = σ_B/σ`, `d = (μ_B − μ)/σ`,
   * within bounds. No average counts as less than `√ε`.
   *
   * Source: Ioffe 2017, "Batch Renormalization", Algorithm 1.
   */
  correction(batch: Statistics, epsilon: number, { rmin, rmax, dmax }: RenormClipping): Correction {
    const deviation = maximum(this.#deviation.read(), Math.sqrt(epsilon));
    let r: Tensor = div(deviationOf(batch.variance, epsilon), deviation);
    let d: Tensor = div(sub(batch.mean, this.#mean.read()), deviation);
    if (rmin != null) r = maximum(r, rmin);
    if (rmax != null) r = minimum(r, rmax);
    if (dmax != null) d = maximum(minimum(d, dmax), -dmax);
    return { r: r as Tensor1D, d: d as Tensor1D };
  }

  /**
   * The values after the next update, that of the moving variance first: deviations are averaged,
   * and it is the square of theirs.
   */
  stage(
    movingVariance: LayerVariable,
    batch: Statistics,
    variance: Tensor,
    rates: UpdateRates,
    epsilon: number,
  ): [LayerVariable, Tensor][] {
    const moving = moved(this.#movingDeviation, deviationOf(variance, epsilon), rates.variance);
    // Rounding may take the square below ε.
    const square = relu(sub(mul(moving[1], moving[1]), epsilon));
    return [
      moved(movingVariance, square, rates.present),
      moving,
      moved(this.#mean, batch.mean, rates.renorm),
      moved(this.#deviation, deviationOf(batch.variance, epsilon), rates.renorm),
    ];
  }
}

/** The deviation that a variance is divided by: `√(σ² + ε)`. */
export function deviationOf(variance: Tensor, epsilon: number): Tensor {
  return sqrt(add(variance, epsilon));
}
