/** Transposes a row-major array: axis i of the result is axis `axes[i]` of the source. */
export function permute(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = stridesOf(shape);
  const sizes = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  let written = 0;
  const visit = (axis: number, from: number): void => {
    const size = sizes[axis] ?? 1;
    const step = steps[axis] ?? 0;
    for (let i = 0; i < size; i++, from += step) {
      if (axis >= axes.length - 1) result[written++] = values[from]!;
      else visit(axis + 1, from);
    }
  };
  visit(0, 0);
  return result;
}

/** How far apart neighbours of each axis lie in a row-major array. */
function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}
