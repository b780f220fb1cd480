/** Plain float64 loops, one output pixel at a time, from the definitions. */
export interface Resize {
  mode: 'nearest' | 'bilinear' | 'keras' | 'torch';
  alignCorners: boolean;
  from: readonly [number, number];
  to: readonly [number, number];
  batch: number;
  channels: number;
}

export function resizeReference(x: ArrayLike<number>, options: Resize): Float64Array {
  const { from, to, batch, channels } = options;
  const [h, w] = from;
  const [height, width] = to;
  const y = new Float64Array(batch * height * width * channels);
  for (let b = 0, o = 0; b < batch; b++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let c = 0; c < channels; c++, o++) {
          for (const [row, p] of taps(i, h, height, options)) {
            for (const [column, q] of taps(j, w, width, options)) {
              y[o]! += p * q * x[((b * h + row) * w + column) * channels + c]!;
            }
          }
        }
      }
    }
  }
  return y;
}

/** The pixels that pixel i of m takes from a line of n, with their weights. */
function taps(i: number, n: number, m: number, { mode, alignCorners }: Resize): [number, number][] {
  const at = alignCorners ? i * ((n - 1) / Math.max(m - 1, 1)) : ((i + 0.5) / m) * n - 0.5;
  const clamp = (j: number) => Math.max(0, Math.min(n - 1, j));
  if (mode === 'nearest') return [[clamp(Math.floor(at + 0.5 + 1e-9)), 1]];
  const k = Math.floor(at);
  const t = at - k;
  if (mode === 'bilinear')
    return [
      [clamp(k), 1 - t],
      [clamp(k + 1), t],
    ];
  const a = mode === 'keras' ? -0.5 : -0.75;
  const near = (d: number) => (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  const far = (d: number) => a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
  const all: [number, number][] = [
    [k - 1, far(1 + t)],
    [k, near(t)],
    [k + 1, near(1 - t)],
    [k + 2, far(2 - t)],
  ];
  if (mode === 'torch') return all.map(([j, weight]) => [clamp(j), weight]);
  const inside = all.filter(([j]) => j === clamp(j));
  const total = inside.reduce((sum, [, weight]) => sum + weight, 0);
  return inside.map(([j, weight]) => [j, weight / total]);
}

/** Sum pooling with SAME padding, window and stride alike, of one image `[h, w, channels]`. */
export function sumPool(
  x: ArrayLike<number>,
  [h, w]: readonly [number, number],
  channels: number,
  [r, s]: readonly [number, number],
): Float64Array {
  const [rows, columns] = [Math.ceil(h / r), Math.ceil(w / s)];
  const top = Math.floor((rows * r - h) / 2);
  const left = Math.floor((columns * s - w) / 2);
  const y = new Float64Array(rows * columns * channels);
  for (let i = 0; i < h; i++) {
    for (let j = 0; j < w; j++) {
      const at = Math.floor((i + top) / r) * columns + Math.floor((j + left) / s);
      for (let c = 0; c < channels; c++) y[at * channels + c]! += x[(i * w + j) * channels + c]!;
    }
  }
  return y;
}
