import {
  add,
  concat,
  pad,
  reshape,
  slice,
  type Tensor,
  type Tensor4D,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { convLength, type Padding, padBefore } from '../core/shape.js';

/** Where a pooling has windows across the borders of the image, if at all. */
export type PoolPadding = Padding | 'explicit' | 'end';

/** As far as lengths go, the borders are either crossed or not. */
export function lengthPadding(padding: PoolPadding): Padding {
  return padding === 'valid' ? 'valid' : 'same';
}

/** One axis of a pooling: o windows of k pixels, s apart, the first `before` pixels outside of n. */
interface Axis {
  readonly n: number;
  readonly o: number;
  readonly k: number;
  readonly s: number;
  readonly before: number;
  readonly padding: PoolPadding;
}

/** The windows of a pooling of images of one size: rows and columns. */
export type Windows = readonly [rows: Axis, columns: Axis];

/** The windows of these sizes and strides over an image. */
export function windowsOf(
  image: readonly [number, number],
  poolSize: readonly [number, number],
  strides: readonly [number, number],
  padding: PoolPadding,
): Windows {
  const axis = (i: 0 | 1): Axis => {
    const [n, k, s] = [image[i], poolSize[i], strides[i]];
    const o = convLength(n, k, s, lengthPadding(padding));
    return { n, o, k, s, before: before(n, k, s, padding), padding };
  };
  return [axis(0), axis(1)];
}

/** The pixels of an axis's first window that lie before the image. */
function before(n: number, k: number, s: number, padding: PoolPadding): number {
  if (padding === 'explicit') return Math.floor((k - 1) / 2);
  return padding === 'end' ? 0 : padBefore(n, k, s, padding);
}

/** The places in a window, row by row. */
export function places([rows, columns]: Windows): [i: number, j: number][] {
  return Array.from({ length: rows.k * columns.k }, (_, t) => [
    Math.floor(t / columns.k),
    t % columns.k,
  ]);
}

/**
 * What every window has at each of its {@link places}: `[b, h, w, c] → k·k' of [b, o, o', c]`, with
 * `outside` where it has nothing.
 *
 * The image is split into phases, the pixels a whole number of strides apart, by two transpositions
 * that leave each phase contiguous: strided slices are slow everywhere but on a GPU.
 */
export function toPlaces(x: Tensor4D, windows: Windows, outside: number): Tensor4D[] {
  const [rows, columns] = windows;
  const [b, , , c] = x.shape;
  const [h, w] = [phaseLength(rows), phaseLength(columns)];
  const image = toStrides(x, windows, outside);
  const byRow = swap(image, b * h, rows.s, w * columns.s * c);
  const byColumn = swap(byRow, rows.s * b * h * w, columns.s, c);
  const phases = reshape(byColumn, [columns.s * rows.s, b * h * w * c]);
  return places(windows).map(([i, j]) => {
    const phase = slice(phases, [phaseOf(i, j, windows), 0], [1, -1]);
    const start = [0, Math.floor(i / rows.s), Math.floor(j / columns.s), 0];
    return cut(reshape(phase, [b, h, w, c]), start, [b, rows.o, columns.o, c]);
  });
}

/** Adds what stands at each place of every window into an image: the adjoint of {@link toPlaces}. */
export function fromPlaces(parts: Tensor4D[], windows: Windows): Tensor4D {
  const [rows, columns] = windows;
  const [b, , , c] = parts[0]!.shape;
  const [h, w] = [phaseLength(rows), phaseLength(columns)];
  const phases: Tensor4D[] = [];
  places(windows).forEach(([i, j], t) => {
    const [top, left] = [Math.floor(i / rows.s), Math.floor(j / columns.s)];
    const around: Around = [top, h - rows.o - top, left, w - columns.o - left];
    const part = surround(parts[t]!, around, 0);
    const phase = phaseOf(i, j, windows);
    const before = phases[phase];
    phases[phase] = before ? add(before, part) : part;
  });
  // Strides longer than the window leave phases that no place lies in.
  const flat = Array.from({ length: rows.s * columns.s }, (_, p) =>
    reshape(phases[p] ?? zeros([b, h, w, c]), [1, -1]),
  );
  const byRow = swap(concat(flat, 0), columns.s, rows.s * b * h * w, c);
  const image = swap(byRow, rows.s, b * h, w * columns.s * c);
  return fromStrides(reshape(image, [b, h * rows.s, w * columns.s, c]), windows);
}

/** Average pooling of one axis as an n×o matrix; windows across the border count what is inside. */
export function meansMatrix({ n, o, k, s, before }: Axis): Float32Array {
  const matrix = new Float32Array(n * o);
  for (let j = 0; j < o; j++) {
    const [first, end] = [Math.max(j * s - before, 0), Math.min(j * s - before + k, n)];
    for (let i = first; i < end; i++) matrix[i * o + j] = 1 / (end - first);
  }
  return matrix;
}

/** The number of strides that the windows of an axis cover. */
function phaseLength({ o, k, s }: Axis): number {
  return o + Math.ceil(k / s) - 1;
}

/** Which phase a place lies in. */
function phaseOf(i: number, j: number, [rows, columns]: Windows): number {
  return (j % columns.s) * rows.s + (i % rows.s);
}

/** Pads and cuts an image to the whole strides that the windows cover. */
function toStrides(x: Tensor4D, [rows, columns]: Windows, outside: number): Tensor4D {
  const [b, , , c] = x.shape;
  const [h, w] = [rows.n - unread(rows), columns.n - unread(columns)];
  const around: Around = [rows.before, after(rows), columns.before, after(columns)];
  return surround(cut(x, [0, 0, 0, 0], [b, h, w, c]), around, outside);
}

/** The adjoint of {@link toStrides}. */
function fromStrides(x: Tensor4D, [rows, columns]: Windows): Tensor4D {
  const [b, , , c] = x.shape;
  const [h, w] = [rows.n - unread(rows), columns.n - unread(columns)];
  const inside = cut(x, [0, rows.before, columns.before, 0], [b, h, w, c]);
  return surround(inside, [0, unread(rows), 0, unread(columns)], 0);
}

/** The pixels at the end of an axis that no whole stride covers. */
function unread(axis: Axis): number {
  return Math.max(axis.before + axis.n - phaseLength(axis) * axis.s, 0);
}

/** How far the whole strides of an axis reach beyond its end. */
function after(axis: Axis): number {
  return Math.max(phaseLength(axis) * axis.s - axis.before - axis.n, 0);
}

/** Reads `[a, b, c]` as a pile of b parts each, and makes it b piles of a: `[b, a, c]`. */
function swap(x: Tensor, a: number, b: number, c: number): Tensor {
  return a === 1 || b === 1 ? x : transpose(reshape(x, [a, b, c]), [1, 0, 2]);
}

function cut(x: Tensor4D, start: number[], size: Tensor4D['shape']): Tensor4D {
  return size.every((n, i) => n === x.shape[i]) ? x : slice(x, start, size);
}

type Around = [top: number, bottom: number, left: number, right: number];

function surround(x: Tensor4D, [top, bottom, left, right]: Around, value: number): Tensor4D {
  if (top + bottom + left + right === 0) return x;
  return pad(
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    value,
  );
}
