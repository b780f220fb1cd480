import { add, div, mul, pow, type Scalar, step, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';

/** How fast a moving average follows its batches. */
export interface AverageRule {
  /** The share of the old average that stays, in [0, 1); null: the plain mean of all batches. */
  momentum: number | null;
  /** Whether the mean leaves its initial value behind at the first update. */
  zeroDebias: boolean;
  /** The same share for the averages of batch renormalisation, in [0, 1). */
  renormMomentum: number;
}

/** Whether the rule depends on how many updates came before. */
export function countsUpdates({ momentum, zeroDebias }: AverageRule): boolean {
  return momentum === null || zeroDebias;
}

/** How far the next update goes. */
export interface UpdateRates {
  mean: Tensor | number;
  variance: Tensor | number;
  renorm: Tensor | number;
  /** 1, or 0 for a batch of no weight, which moves nothing. */
  present: Tensor | number;
}

/**
 * The weight of the next batch in the moving mean and in the moving variance.
 *
 * With momentum μ it is `1 − μ`; without, `1 / (t + 1)` after t updates. Zero-debiasing the mean
 * makes it `(1 − μ) / (1 − μ^(t + 1))` (Kingma and Ba 2015, section 3; tf-slim's
 * `zero_debias_moving_mean`).
 */
export function updateRates(
  { momentum, zeroDebias, renormMomentum }: AverageRule,
  batchWeight: Scalar | number,
  updates?: Tensor,
): UpdateRates {
  const present = typeof batchWeight === 'number' ? 1 : step(batchWeight);
  const whenPresent = (rate: Tensor | number) => (present === 1 ? rate : mul(rate, present));
  const renorm = whenPresent(1 - renormMomentum);
  if (momentum === null) {
    const rate = whenPresent(div(1, add(updates!, 1)));
    return { mean: rate, variance: rate, renorm, present };
  }
  const debiased = () => div(1 - momentum, sub(1, pow(momentum, add(updates!, 1))));
  return {
    mean: whenPresent(zeroDebias ? debiased() : 1 - momentum),
    variance: whenPresent(1 - momentum),
    renorm,
    present,
  };
}

/** A variable and its value after an update: `average + (value − average)·rate`. */
export function moved(
  average: LayerVariable,
  value: Tensor,
  rate: Tensor | number,
): [variable: LayerVariable, value: Tensor] {
  const before = average.read();
  return [average, add(before, mul(sub(value, before), rate))];
}
