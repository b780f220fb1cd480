import {
  add,
  clone,
  customGrad,
  equal,
  fill,
  greaterEqual,
  isNaN as isNotANumber,
  keep,
  logicalOr,
  reshape,
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
import { repeat } from './repeat.js';
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
  const indices = x.size === 0 ? clone(offsets) : add(offsets, corners(windows, pooled));
  offsets.dispose();
  return [pooled, indices as Tensor4D];
}

/**
 * Puts values where indices of {@link poolWithArgmax} say, zeros elsewhere:
 * `[b, o, o', c] → [b, h, w, c]`. Values of overlapping windows that meet are added, so that the
 * gradient of each is exactly the pixel it went to. An index outside its window puts nothing.
 */
export function unpool(x: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  const offsets = x.size === 0 ? indices : sub(indices, corners(windows, x));
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
  let offsets = firstInside(windows, first!);
  others.forEach((part, t) => {
    // In this order, for WebGPU's comparison is anything where its first operand is NaN.
    const stays = logicalOr(greaterEqual(values, part), isNotANumber(values));
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
function firstInside(windows: Windows, like: Tensor4D): Tensor4D {
  const [width, channels] = [windows[1].n, like.shape[3]];
  return perWindow(windows, like, (top, left) => {
    return (Math.max(-top, 0) * width + Math.max(-left, 0)) * channels;
  });
}

/** The index of every window's corner: negative where it lies in the padding. */
function corners(windows: Windows, like: Tensor4D): Tensor4D {
  const [width, channels] = [windows[1].n, like.shape[3]];
  return perWindow(windows, like, (top, left, c) => (top * width + left) * channels + c);
}

/** Integers that depend on a window's corner and the channel, in the shape of `like`. */
function perWindow(
  [rows, columns]: Windows,
  like: Tensor4D,
  integer: (top: number, left: number, channel: number) => number,
): Tensor4D {
  const [b, , , channels] = like.shape;
  const image = new Int32Array(rows.o * columns.o * channels);
  for (let i = 0; i < image.length; i++) {
    const c = i % channels;
    const x = Math.floor(i / channels) % columns.o;
    const y = Math.floor(i / channels / columns.o);
    image[i] = integer(y * rows.s - rows.before, x * columns.s - columns.before, c);
  }
  // Copies, for broadcasting is a hundred times slower on WASM.
  const batch = repeat(tensor4d(image, [1, 1, image.length, 1], 'int32'), [b, 1]);
  return reshape(batch, like.shape);
}
