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
import { argmaxKernel, hasKernels, unpoolGradKernel, unpoolKernel } from './kernels.js';
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
  let found!: Tensor4D;
  const pool = customGrad((image, save) => {
    const [values, indices] = largest(image as Tensor4D, windows);
    found = keep(indices);
    (save as (tensors: Tensor[]) => void)([indices]);
    return {
      value: values,
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        unpool(dy as Tensor4D, saved[0] as Tensor4D, windows),
    };
  });
  const pooled = pool(x) as Tensor4D;
  const indices = clone(found);
  found.dispose();
  return [pooled, indices];
}

/**
 * Puts values where indices of {@link poolWithArgmax} say, zeros elsewhere:
 * `[b, o, o', c] → [b, h, w, c]`. Values of overlapping windows that meet are added, so that the
 * gradient of each is exactly the pixel it went to. An index outside its window puts nothing.
 */
export function unpool(x: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  const [rows, columns] = windows;
  return linear<Tensor4D, Tensor4D>(
    x,
    [x.shape[0], rows.n, columns.n, x.shape[3]],
    (values, [at]) => put(values, at as Tensor4D, windows),
    (image, [at]) => take(image, at as Tensor4D, windows),
    [indices],
  );
}

function put(values: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  if (hasKernels()) return unpoolKernel(values, indices, windows);
  const none = zerosLike(values);
  const parts = masks(indices, windows).map((mask) => where(mask, values, none));
  return fromPlaces(parts, windows);
}

function take(image: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  if (hasKernels()) return unpoolGradKernel(image, indices, windows);
  const parts = toPlaces(image, windows, 0);
  const none = zerosLike(parts[0]!);
  const taken = masks(indices, windows).map((mask, t) => where(mask, parts[t]!, none));
  // Not addN: beyond the storage buffers that WebGPU grants, it gives anything.
  return taken.reduce((a, b) => add(a, b));
}

/** For each place of the windows, which of them have their index there. */
function masks(indices: Tensor4D, windows: Windows): Tensor4D[] {
  const offsets = sub(indices, corners(windows, indices));
  return placeOffsets(windows, indices.shape[3]).map((offset) =>
    equal(offsets, scalar(offset, 'int32')),
  );
}

/** The value that every window gives, and its index. */
function largest(x: Tensor4D, windows: Windows): [values: Tensor4D, indices: Tensor4D] {
  const [b, , , c] = x.shape;
  const [rows, columns] = windows;
  const shape: Tensor4D['shape'] = [b, rows.o, columns.o, c];
  if (x.size === 0) return [zeros(shape), zeros(shape, 'int32')];
  if (hasKernels()) return argmaxKernel(x, windows);
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
  return [values, add(offsets, corners(windows, values))];
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
