import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';

/** As in assembly/conv.ts. */
const BLOCK_PIXELS = 256;
const CONV_SCRATCH = 2208;
/** With fewer blocks of pixels than this, the channels are cut too. */
const FEW_BLOCKS = 16;

/** As in assembly/convNarrow.ts. */
const NARROW_PIXELS = 252;

/**
 * The direct convolutions, by how their filters are packed: to few channels as [channels, run], to others as
 * panels of 8 or, where channels come in sixteens, of 16, which is faster.
 */
export type Packing = 'narrow' | 8 | 16;

/** How the filter of a convolution to so many channels is packed. */
export function packingOf(channels: number, run: number): Packing {
  if (channels <= 3 && run % 4 === 0) return 'narrow';
  return wideOf(channels);
}

/** Columns of a panel of a matrix with so many. */
export function wideOf(columns: number): 8 | 16 {
  return columns % 16 === 0 ? 16 : 8;
}

/**
 * Runs the direct convolution that suits a packing. `args` are those of all after the filter, the bias and
 * the output; `residual` is the distance from the output to what is added, 0 for nothing, and not for the
 * narrow one.
 */
export function runConvolution(
  heap: Heap,
  packing: Packing,
  tensors: readonly [x: number, filter: number, bias: number, y: number],
  pixels: number,
  channels: number,
  args: number[],
  residual = 0,
): void {
  if (packing === 'narrow') {
    const slices = Math.ceil(pixels / NARROW_PIXELS);
    heap.run('conv_f32_narrow', slices, [...tensors, pixels, ...args], CONV_SCRATCH);
  } else {
    const blocks = Math.ceil(pixels / BLOCK_PIXELS);
    const groups = Math.min(Math.ceil(channels / packing), Math.ceil(FEW_BLOCKS / blocks));
    const all = [...tensors, pixels, ...args, groups, residual];
    const name = packing === 16 ? 'conv_f32_wide' : 'conv_f32';
    heap.run(name, blocks * groups, all, CONV_SCRATCH);
  }
}

/** No activation, as bounds of an output. */
export const UNBOUNDED = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
export type Bounds = readonly [number, number];

/** What happens to a convolution's sums before they are written. */
export interface Epilogue {
  /** The address of [co], or null for none. */
  bias: number | null;
  bounds: Bounds;
  /** The address of what is added, of the output's shape, with channels in eights. Default: none. */
  residual?: number | undefined;
}

/** x [n, h, w, ci] convolved with filter [kh, kw, ci, co] → y [n, oh, ow, co], by addresses. */
export function convolve(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  filter: number,
  y: number,
  { bias, bounds, residual }: Epilogue,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const height = (outHeight - 1) * strideHeight + filterHeight;
  const width = (outWidth - 1) * strideWidth + filterWidth;
  const { top, left } = padInfo;
  const inPlace = top === 0 && left === 0 && height <= inHeight && width <= inWidth;
  const [rows, columns] = inPlace ? [inHeight, inWidth] : [height, width];
  const run = filterWidth * inChannels;
  const pixels = batchSize * outHeight * outWidth;
  if (pixels === 0) return;
  const packing = packingOf(outChannels, run);
  withPacked(heap, filter, filterHeight * run, outChannels, packing, (packed) => {
    withBias(heap, bias, outChannels, (packedBias) => {
      heap.scratch([inPlace ? 0 : batchSize * rows * columns * inChannels * 4], ([padded]) => {
        if (!inPlace) {
          const shape = [inHeight, inWidth, inChannels, rows, columns, top, left];
          heap.run('pad_f32', batchSize, [x, padded!, ...shape]);
        }
        const pixel = inChannels * 4;
        const row = columns * pixel;
        const tensors = [inPlace ? x : padded!, packed, packedBias, y] as const;
        const args = [
          ...[outHeight, outWidth],
          ...[rows * row, strideHeight * row, strideWidth * pixel],
          ...[outHeight * outWidth * outChannels * 4, outWidth * outChannels * 4, outChannels * 4],
          ...[filterHeight, run, row, outChannels, ...bounds],
        ];
        const distance = residual === undefined ? 0 : residual - y;
        runConvolution(heap, packing, tensors, pixels, outChannels, args, distance);
      });
    });
  });
}

/** A filter [depth, channels] as `runConvolution` takes it. */
function withPacked(
  heap: Heap,
  filter: number,
  depth: number,
  channels: number,
  packing: Packing,
  use: (packed: number) => void,
): void {
  const pack = (to: number) => {
    if (packing === 'narrow') heap.run('transpose_f32', 1, [filter, to, depth, channels]);
    else packPanels(heap, filter, to, depth, channels, packing);
  };
  heap.prepared(filter, `panels ${packing}`, packedBytes(depth, channels), pack, use);
}

/** A matrix [rows, columns] as panels of `wide` columns. */
export function packPanels(
  heap: Heap,
  from: number,
  to: number,
  rows: number,
  columns: number,
  wide: number,
): void {
  const panels = Math.ceil(columns / wide);
  heap.run('packPanels_f32', panels, [from, to, 1, rows, columns, 0, wide]);
}

/** The size of a packed matrix [rows, columns]. */
export function packedBytes(rows: number, columns: number): number {
  return rows * Math.ceil(columns / 8) * 32;
}

/** A bias, or none, as panels of 8. */
export function withBias(
  heap: Heap,
  bias: number | null,
  channels: number,
  use: (packed: number) => void,
): void {
  const panels = Math.ceil(channels / 8);
  if (bias !== null && channels % 8 === 0) {
    use(bias);
    return;
  }
  const pack = (to: number) => {
    if (bias === null) heap.run('zero_f32', 1, [to, panels * 8]);
    else packPanels(heap, bias, to, 1, channels, 8);
  };
  heap.prepared(bias, 'bias', panels * 32, pack, use);
}
