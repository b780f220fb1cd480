import type { Conv2DInfo } from './convInfo.js';
import type { Heap } from './heap.js';

/** As in assembly/conv.ts. */
const BLOCK_PIXELS = 256;
export const CONV_SCRATCH = 2208;
export const convSlices = (pixels: number) => Math.ceil(pixels / BLOCK_PIXELS);

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
    heap.run('packPanels_f32', panels, [filter, packed!, 1, filterHeight * run, outChannels, 0]);
    packBias(heap, bias, packedBias!, outChannels);
    const pixel = inChannels * 4;
    const row = columns * pixel;
    heap.run(
      'conv_f32',
      convSlices(pixels),
      [
        ...[inPlace ? x : padded!, packed!, packedBias!, y],
        ...[pixels, outHeight, outWidth],
        ...[rows * row, strideHeight * row, strideWidth * pixel],
        ...[outHeight * outWidth * outChannels * 4, outWidth * outChannels * 4, outChannels * 4],
        ...[filterHeight, run, row, outChannels, ...bounds],
      ],
      CONV_SCRATCH,
    );
  });
}

/** A bias, or none, as panels of 8. */
export function packBias(heap: Heap, bias: number | null, to: number, channels: number): void {
  const panels = Math.ceil(channels / 8);
  if (bias === null) heap.run('zero_f32', 1, [to, panels * 8]);
  else heap.run('packPanels_f32', panels, [bias, to, 1, 1, channels, 0]);
}
