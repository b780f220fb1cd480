/** Pairwise sums of float32 in blocks, relative to the largest result or 1. */
export const tolerance = 3e-6;

/** Σ over axes, by plain loops: every element is added to the place that its kept indices name. */
export function sum(x: ArrayLike<number>, shape: number[], axes: number[]): Float64Array {
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const result = new Float64Array(kept.reduce((a, b) => a * b, 1));
  for (let i = 0; i < x.length; i++) {
    let rest = i;
    let place = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = (rest - index) / shape[axis]!;
      if (kept[axis]! > 1) place += index * stride;
      stride *= kept[axis]!;
    }
    result[place]! += x[i]!;
  }
  return result;
}
