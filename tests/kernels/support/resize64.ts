type Values = ArrayLike<number>;

/** How tf.image resizes. */
export interface Resize {
  nearest: boolean;
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** The indices and weights of input positions that make position i of one axis of the result. */
function taps(i: number, length: number, outLength: number, resize: Resize): [number, number][] {
  const { nearest, alignCorners, halfPixelCenters } = resize;
  const aligned = alignCorners && outLength > 1;
  const scale = aligned ? (length - 1) / (outLength - 1) : length / outLength;
  const inside = (index: number) => Math.min(length - 1, Math.max(0, index));
  if (nearest) {
    const at = halfPixelCenters ? (i + 0.5) * scale : i * scale;
    return [[inside(alignCorners ? Math.round(at) : Math.floor(at)), 1]];
  }
  const at = Math.max(0, halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale);
  const below = Math.floor(at);
  return [
    [inside(below), 1 - (at - below)],
    [inside(below + 1), at - below],
  ];
}

/** Visits every weight of a resize [n, h, w, c] → [n, oh, ow, c] as places in x and y. */
export function eachWeight(
  [batch, height, width, channels]: readonly number[],
  [outHeight, outWidth]: readonly [number, number],
  resize: Resize,
  visit: (x: number, y: number, weight: number) => void,
): void {
  for (let n = 0; n < batch!; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (const [h, byRow] of taps(i, height!, outHeight, resize))
          for (const [w, byColumn] of taps(j, width!, outWidth, resize))
            for (let c = 0; c < channels!; c++)
              visit(
                ((n * height! + h) * width! + w) * channels! + c,
                ((n * outHeight + i) * outWidth + j) * channels! + c,
                byRow * byColumn,
              );
}

export function resize64(
  x: Values,
  shape: readonly number[],
  size: readonly [number, number],
  resize: Resize,
): Float64Array {
  const y = new Float64Array(shape[0]! * size[0] * size[1] * shape[3]!);
  eachWeight(shape, size, resize, (from, to, weight) => {
    y[to]! += weight * x[from]!;
  });
  return y;
}
