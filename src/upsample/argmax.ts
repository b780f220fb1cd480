import {
  add,
  customGrad,
  equal,
  fill,
  isNaN as isNotANumber,
  keep,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  scalar,
  sub,
  type Tensor,
  type Tensor4D,
  tensor4d,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { linear } from './linear.js';
import { fromPlaces, places, toPlaces, type Windows } from './windows.js';

/**
 * Max pooling, `[b, h, w, c] → [b, o, o', c]`, and where each value was found, as the int32 index
 * `(y·w + x)·c + channel` into its image. A window gives its first NaN, else the first of its
 * largest values, and takes the gradient there.
 */
export function poolWithArgmax(
  x: Tensor4D,
  windows: Windows,
): [pooled: Tensor4D, indices: Tensor4D] {
  let offsets!: Tensor4D;
  const pool = customGrad((image, save) => {
    const found = largest(image as Tensor4D, windows);
    offsets = keep(found.offsets);
    (save as (tensors: Tensor[]) => void)([offsets]);
    return {
      value: found.values,
      gradFunc: (dy: Tensor, saved: Tensor[]) => put(dy as Tensor4D, saved[0] as Tensor4D, windows),
    };
  });
  const pooled = pool(x) as Tensor4D;
  const indices = x.size === 0 ? offsets.clone() : add(offsets, corners(windows, x.shape[3]));
  offsets.dispose();
  return [pooled, indices as Tensor4D];
}

/**
 * Puts values where indices of {@link poolWithArgmax} say, zeros elsewhere:
 * `[b, o, o', c] → [b, h, w, c]`. Values of overlapping windows that meet are added, so that the
 * gradient of each is exactly the pixel it went to. An index outside its window puts nothing.
 */
export function unpool(x: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  const offsets = x.size === 0 ? indices : sub(indices, corners(windows, x.shape[3]));
  return put(x, offsets as Tensor4D, windows);
}

/** Puts one value a window into the image, at an offset from the window's corner. */
function put(x: Tensor4D, offsets: Tensor4D, windows: Windows): Tensor4D {
  const [b, , , c] = x.shape;
  const [rows, columns] = windows;
  const at = (fixed: Tensor[]) => (offset: number) => equal(fixed[0]!, scalar(offset, 'int32'));
  return linear<Tensor4D, Tensor4D>(
    x,
    [b, rows.n, columns.n, c],
    (values, fixed) => {
      const none = zerosLike(values);
      const masks = placeOffsets(windows, c).map(at(fixed));
      return fromPlaces(
        masks.map((mask) => where(mask, values, none)),
        windows,
      );
    },
    (image, fixed) => {
      const masks = placeOffsets(windows, c).map(at(fixed));
      const parts = toPlaces(image, windows, 0);
      const none = zerosLike(parts[0]!);
      // Not addN: beyond the storage buffers that WebGPU grants, it gives anything.
      return masks.map((mask, t) => where(mask, parts[t]!, none)).reduce((a, b) => add(a, b));
    },
    [offsets],
  );
}

/** The value that every window gives, and its offset from the window's corner. */
function largest(x: Tensor4D, windows: Windows): { values: Tensor4D; offsets: Tensor4D } {
  const [b, , , c] = x.shape;
  const [rows, columns] = windows;
  const shape: Tensor4D['shape'] = [b, rows.o, columns.o, c];
  if (x.size === 0) return { values: zeros(shape), offsets: zeros(shape, 'int32') };
  const [first, ...others] = toPlaces(x, windows, Number.NEGATIVE_INFINITY);
  const [, ...otherOffsets] = placeOffsets(windows, c);
  let values = first!;
  let offsets = firstInside(windows, b, c);
  others.forEach((part, t) => {
    // A comparison with NaN may give anything on WebGPU.
    const smaller = logicalAnd(lessEqual(part, values), logicalNot(isNotANumber(part)));
    const stays = logicalOr(smaller, isNotANumber(values));
    values = where(stays, values, part);
    offsets = where(stays, offsets, fill(shape, otherOffsets[t]!, 'int32'));
  });
  return { values, offsets };
}

/** How far each place of a window lies from the window's corner, as indices count. */
function placeOffsets(windows: Windows, channels: number): number[] {
  const width = windows[1].n;
  return places(windows).map(([i, j]) => (i * width + j) * channels);
}

/**
 * The offset of the first place of every window that is inside the image: the answer where all
 * values are −∞, like the padding.
 */
function firstInside([rows, columns]: Windows, batch: number, channels: number): Tensor4D {
  const skipped = (o: number, s: number, before: number) => Math.max(before - o * s, 0);
  const offsets = new Int32Array(rows.o * columns.o);
  for (let y = 0, t = 0; y < rows.o; y++) {
    for (let x = 0; x < columns.o; x++, t++) {
      const i = skipped(y, rows.s, rows.before);
      const j = skipped(x, columns.s, columns.before);
      offsets[t] = (i * columns.n + j) * channels;
    }
  }
  const one = tensor4d(offsets, [1, rows.o, columns.o, 1], 'int32');
  return add(one, zeros([batch, 1, 1, channels], 'int32'));
}

/** The index of every window's corner: negative where it lies in the padding. */
function corners([rows, columns]: Windows, channels: number): Tensor4D {
  const indices = new Int32Array(rows.o * columns.o * channels);
  let at = 0;
  for (let y = -rows.before; y < rows.o * rows.s - rows.before; y += rows.s) {
    for (let x = -columns.before; x < columns.o * columns.s - columns.before; x += columns.s) {
      for (let c = 0; c < channels; c++) indices[at++] = (y * columns.n + x) * channels + c;
    }
  }
  return tensor4d(indices, [1, rows.o, columns.o, channels], 'int32');
}
