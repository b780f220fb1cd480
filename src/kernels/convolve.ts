import type { Conv2DInfo } from './convInfo.js';
import type { Heap } from './heap.js';

/** As in assembly/conv.ts. */
const BLOCK_PIXELS = 256;
const CONV_SCRATCH = 2208;
/** With fewer blocks of pixels than this, the channels are cut too. */
const FEW_BLOCKS = 16;

/** As in assembly/convNarrow.ts. */
const NARROW_PIXELS = 252;

/**
 * Runs the direct convolution that suits the number of channels: with few of them one whose filter is
 * packed as [channels, run]. `args` are those of both after the filter, the bias and the output.
 */
export function runConvolution(
  heap: Heap,
  narrow: boolean,
  tensors: [x: number, filter: number, bias: number, y: number],
  pixels: number,
  channels: number,
  args: number[],
): void {
  if (narrow) {
    const slices = Math.ceil(pixels / NARROW_PIXELS);
    heap.run('conv_f32_narrow', slices, [...tensors, pixels, ...args], CONV_SCRATCH);
  } else {
    const blocks = Math.ceil(pixels / BLOCK_PIXELS);
    const groups = Math.min(Math.ceil(channels / 8), Math.ceil(FEW_BLOCKS / blocks));
    heap.run('conv_f32', blocks * groups, [...tensors, pixels, ...args, groups], CONV_SCRATCH);
  }
}

/** Whether a convolution's output has so few channels that the narrow kernel is faster. */
export function isNarrow(channels: number, run: number): boolean {
  return channels <= 3 && run % 4 === 0;
}

/** No activation, as bounds of an output. */
export const UNBOUNDED = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
export type Bounds = readonly [number, number];

/** x [n, h, w, ci] convolved with filter [kh, kw, ci, co] → y [n, oh, ow, co], by addresses. */
export function convolve(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  filter: number,
  bias: number | null,
  y: number,
  bounds: Bounds,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const height = (outHeight - 1) * strideHeight + filterHeight;
  const width = (outWidth - 1) * strideWidth + filterWidth;
  const { top, left } = padInfo;
  const inPlace = top === 0 && left === 0 && height <= inHeight && width <= inWidth;
  const [rows, columns] = inPlace ? [inHeight, inWidth] : [height, width];
  const panels = Math.ceil(outChannels / 8);
  const run = filterWidth * inChannels;
  const pixels = batchSize * outHeight * outWidth;
  if (pixels === 0) return;
  const sizes = [
    inPlace ? 0 : batchSize * rows * columns * inChannels * 4,
    panels * filterHeight * run * 32,
    panels * 32,
  ];
  heap.scratch(sizes, ([padded, packed, packedBias]) => {
    if (!inPlace) {
      const shape = [inHeight, inWidth, inChannels, rows, columns, top, left];
      heap.run('pad_f32', batchSize, [x, padded!, ...shape]);
    }
    const narrow = isNarrow(outChannels, run);
    const depth = filterHeight * run;
    if (narrow) heap.run('transpose_f32', 1, [filter, packed!, depth, outChannels]);
    else heap.run('packPanels_f32', panels, [filter, packed!, 1, depth, outChannels, 0]);
    packBias(heap, bias, packedBias!, outChannels);
    const pixel = inChannels * 4;
    const row = columns * pixel;
    runConvolution(
      heap,
      narrow,
      [inPlace ? x : padded!, packed!, packedBias!, y],
      pixels,
      outChannels,
      [
        ...[outHeight, outWidth],
        ...[rows * row, strideHeight * row, strideWidth * pixel],
        ...[outHeight * outWidth * outChannels * 4, outWidth * outChannels * 4, outChannels * 4],
        ...[filterHeight, run, row, outChannels, ...bounds],
      ],
    );
  });
}

/** A bias, or none, as panels of 8. */
export function packBias(heap: Heap, bias: number | null, to: number, channels: number): void {
  const panels = Math.ceil(channels / 8);
  if (bias === null) heap.run('zero_f32', 1, [to, panels * 8]);
  else heap.run('packPanels_f32', panels, [bias, to, 1, 1, channels, 0]);
}
