type Padding = 'same' | 'valid' | 'explicit' | 'end';

/** Pooling and its reversal in plain float64 loops, window by window. */
export interface Pooling {
  image: readonly [number, number];
  poolSize: readonly [number, number];
  strides: readonly [number, number];
  padding: Padding;
  batch: number;
  channels: number;
}

/** Where the windows of one axis begin. */
function starts(n: number, k: number, s: number, padding: Padding): number[] {
  if (padding === 'valid')
    return Array.from({ length: Math.floor((n - k) / s) + 1 }, (_, i) => i * s);
  const count = Math.ceil(n / s);
  const centred = Math.max(Math.floor(((count - 1) * s + k - n) / 2), 0);
  const before = { same: centred, explicit: Math.floor((k - 1) / 2), end: 0 }[padding];
  return Array.from({ length: count }, (_, i) => i * s - before);
}

export function outputSize({ image, poolSize, strides, padding }: Pooling): [number, number] {
  const of = (i: 0 | 1) => starts(image[i], poolSize[i], strides[i], padding).length;
  return [of(0), of(1)];
}

/** The index of the first NaN, else of the first of the largest values, per window. */
export function argmaxReference(x: ArrayLike<number>, pooling: Pooling): number[] {
  const { image, poolSize, strides, padding, batch, channels } = pooling;
  const [h, w] = image;
  const indices: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (const top of starts(h, poolSize[0], strides[0], padding)) {
      for (const left of starts(w, poolSize[1], strides[1], padding)) {
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let y = Math.max(top, 0); y < Math.min(top + poolSize[0], h); y++) {
            for (let z = Math.max(left, 0); z < Math.min(left + poolSize[1], w); z++) {
              const at = (y * w + z) * channels + c;
              const value = (i: number) => x[b * h * w * channels + i]!;
              if (best < 0 || value(at) > value(best)) best = at;
              else if (Number.isNaN(value(at)) && !Number.isNaN(value(best))) best = at;
            }
          }
          indices.push(best);
        }
      }
    }
  }
  return indices;
}

/** What the indices point at. */
export function takeReference(x: ArrayLike<number>, indices: ArrayLike<number>, pooling: Pooling) {
  const [size, windows] = sizes(pooling);
  return Float64Array.from(indices, (at, i) => x[Math.floor(i / windows) * size + at]!);
}

/** The sum of the values that the indices put at each place. */
export function putReference(
  values: ArrayLike<number>,
  indices: ArrayLike<number>,
  pooling: Pooling,
): Float64Array {
  const [size, windows] = sizes(pooling);
  const image = new Float64Array(size * pooling.batch);
  for (let i = 0; i < indices.length; i++) {
    image[Math.floor(i / windows) * size + indices[i]!]! += values[i]!;
  }
  return image;
}

/** Each value, divided by the number of pixels of its window, added to all of them. */
export function spreadReference(values: ArrayLike<number>, pooling: Pooling): Float64Array {
  const { image, poolSize, strides, padding, batch, channels } = pooling;
  const [h, w] = image;
  const result = new Float64Array(batch * h * w * channels);
  let next = 0;
  for (let b = 0; b < batch; b++) {
    for (const top of starts(h, poolSize[0], strides[0], padding)) {
      for (const left of starts(w, poolSize[1], strides[1], padding)) {
        const [y0, y1] = [Math.max(top, 0), Math.min(top + poolSize[0], h)];
        const [z0, z1] = [Math.max(left, 0), Math.min(left + poolSize[1], w)];
        for (let c = 0; c < channels; c++) {
          const share = values[next++]! / ((y1 - y0) * (z1 - z0));
          for (let y = y0; y < y1; y++) {
            for (let z = z0; z < z1; z++) result[((b * h + y) * w + z) * channels + c]! += share;
          }
        }
      }
    }
  }
  return result;
}

/** The number of values in an image before and after pooling. */
function sizes(pooling: Pooling): [number, number] {
  const { image, channels } = pooling;
  const [o, p] = outputSize(pooling);
  return [image[0] * image[1] * channels, o * p * channels];
}
