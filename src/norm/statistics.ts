import {
  add,
  dispose,
  divNoNan,
  keep,
  mean,
  mul,
  type Scalar,
  square,
  sub,
  sum,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from '@tensorflow/tfjs-core';

/** What a batch tells of each channel. */
export interface Statistics {
  /** `[c]` */
  mean: Tensor1D;
  /** `[c]`, biased: divided by the total weight. */
  variance: Tensor1D;
  /** The sum of the rows' weights: the number of rows where they have none. */
  weight: Scalar | number;
  /** The sum of the squared weights, which the unbiased variance needs. */
  squaredWeight: Scalar | number;
}

/**
 * The mean and the biased variance of each column: `[m, c] → [c], [c]`.
 *
 * Two passes, so that a large common offset costs no precision. With row weights `[m, 1]` the
 * weighted ones; rows of no weight at all give mean 0 and variance 0.
 */
export function statisticsOf(x: Tensor2D, weights?: Tensor2D): Statistics {
  if (!weights) {
    const centre = mean<Tensor1D>(x, 0);
    const variance = mean<Tensor1D>(square(sub(x, centre)), 0);
    return { mean: centre, variance, weight: x.shape[0], squaredWeight: x.shape[0] };
  }
  const weight = sum<Scalar>(weights);
  const centre: Tensor1D = divNoNan(sum(mul(x, weights), 0), weight);
  const variance: Tensor1D = divNoNan(sum(mul(square(sub(x, centre)), weights), 0), weight);
  return { mean: centre, variance, weight, squaredWeight: sum<Scalar>(square(weights)) };
}

/** The statistics of two batches taken together (Chan, Golub and LeVeque 1979). */
export function pooled(a: Statistics, b: Statistics): Statistics {
  const both = averaged(a, b);
  const shareOfB = divNoNan(b.weight, both.weight);
  const between = mul(square(sub(b.mean, a.mean)), mul(shareOfB, sub(1, shareOfB)));
  return { ...both, variance: add<Tensor1D>(both.variance, between) };
}

/** The weighted means of the means and of the variances of two batches. */
export function averaged(a: Statistics, b: Statistics): Statistics {
  const weight = plus(a.weight, b.weight);
  const shareOfB = divNoNan(b.weight, weight);
  const between = (x: Tensor1D, y: Tensor1D) => add<Tensor1D>(x, mul(sub(y, x), shareOfB));
  return {
    mean: between(a.mean, b.mean),
    variance: between(a.variance, b.variance),
    weight,
    squaredWeight: plus(a.squaredWeight, b.squaredWeight),
  };
}

/**
 * The unbiased estimate of the variance, `W² / (W² − Σw²)` times the biased one: `m / (m − 1)` for
 * m rows of equal weight (Ioffe and Szegedy 2015, Algorithm 2). One row alone gives 0.
 */
export function unbiasedVariance({ variance, weight, squaredWeight }: Statistics): Tensor1D {
  if (typeof weight === 'number') return mul(variance, weight / Math.max(weight - 1, 1));
  const total = square(weight);
  return mul(variance, divNoNan(total, sub(total, squaredWeight)));
}

/** Keeps statistics beyond the surrounding `tidy`. */
export function keepStatistics(statistics: Statistics): Statistics {
  for (const tensor of tensorsOf(statistics)) keep(tensor);
  return statistics;
}

export function disposeStatistics(statistics: Statistics): void {
  dispose(tensorsOf(statistics));
}

/** Replaces two kept statistics by those that `join` makes of both, kept. */
export function joinKept(a: Statistics, b: Statistics, join = pooled): Statistics {
  let both!: Statistics;
  tidy(() => {
    both = keepStatistics(join(a, b));
  });
  disposeStatistics(a);
  disposeStatistics(b);
  return both;
}

function tensorsOf(statistics: Statistics): Tensor[] {
  return Object.values(statistics).filter((value) => value instanceof Tensor);
}

function plus(a: Scalar | number, b: Scalar | number): Scalar | number {
  return typeof a === 'number' && typeof b === 'number' ? a + b : add<Scalar>(a, b);
}
