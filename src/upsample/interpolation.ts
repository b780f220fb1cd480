/** How the weights of interpolation between the pixels of a line fall off, and what borders do. */
interface Kernel {
  /** The number of pixels on either side of a position that count. */
  readonly reach: number;
  /** The weight at a distance. */
  readonly weight: (distance: number) => number;
  /** Beyond the border: the border's pixel again, or nothing (and the others count for more). */
  readonly border: 'clamp' | 'renormalize';
}

/** The kernels by name: `linear`, and the cubic ones of Keras and of torch. */
export const KERNELS = {
  linear: { reach: 1, weight: (d) => 1 - Math.abs(d), border: 'clamp' },
  keras: { reach: 2, weight: (d) => keys(d, -0.5), border: 'renormalize' },
  torch: { reach: 2, weight: (d) => keys(d, -0.75), border: 'clamp' },
} as const satisfies Record<string, Kernel>;

/**
 * The weights of a line of m pixels interpolated from n, as an n×m matrix: column i makes pixel i.
 * Computed in float64; they depend on the two lengths alone.
 */
export function kernelMatrix(
  n: number,
  m: number,
  { reach, weight, border }: Kernel,
  alignCorners: boolean,
): Float32Array {
  const matrix = new Float64Array(n * m);
  for (let i = 0; i < m; i++) {
    const position = source(i, n, m, alignCorners);
    const first = Math.floor(position) - reach + 1;
    let total = 0;
    for (let j = first; j < first + 2 * reach; j++) {
      const inside = Math.min(Math.max(j, 0), n - 1);
      if (j !== inside && border === 'renormalize') continue;
      matrix[inside * m + i]! += weight(position - j);
      total += weight(position - j);
    }
    for (let j = 0; j < n; j++) matrix[j * m + i]! /= total;
  }
  return Float32Array.from(matrix);
}

/** Which of n pixels each of m takes when the nearest counts; halfway, the later one. */
export function nearestSources(n: number, m: number, alignCorners: boolean): Int32Array {
  // One rounding at most, in the division of integers: 0.5 is never missed by a rounding error.
  return Int32Array.from({ length: m }, (_, i) =>
    alignCorners
      ? Math.floor((2 * i * (n - 1) + (m - 1)) / (2 * (m - 1) || 1))
      : Math.floor(((2 * i + 1) * n) / (2 * m)),
  );
}

/** {@link nearestSources} as an n×m matrix of zeros and ones. */
export function nearestMatrix(n: number, m: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(n * m);
  nearestSources(n, m, alignCorners).forEach((j, i) => {
    matrix[j * m + i] = 1;
  });
  return matrix;
}

/** Where pixel i of m lies on a line of n. */
function source(i: number, n: number, m: number, alignCorners: boolean): number {
  if (alignCorners) return m === 1 ? 0 : (i * (n - 1)) / (m - 1);
  return ((2 * i + 1) * n - m) / (2 * m);
}

/** Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15. */
function keys(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
}
