import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { composedFilterGradient } from '../composed/conv2DBackpropFilter.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { type Conv2DInfo, float32, gradientInfo } from './convInfo.js';
import { worthWinograd } from './winograd.js';
import { winogradFilterGradient } from './winogradFilterGradient.js';

/** Pixels of a block: a panel of dy, 8 floats a pixel, stays in the first-level cache. */
const BLOCK_PIXELS = 512;
/** Bytes of the packed strips of a slice: they stay in the second-level cache. */
const STRIPS_BYTES = 400 * 1024;
/** Bytes of the sums of all parts: room for 8 of a filter of 3×3×64×64. */
const SUMS_BYTES = 1152 * 1024;
/** Slices to aim at, so that a few threads find work. */
const SLICES = 8;

/** x [n, h, w, ci], dy [n, oh, ow, co] → the gradient of the filter, [kh, kw, ci, co]. */
export const conv2DBackpropFilter: Kernel<
  { x: Tensor4D; dy: Tensor4D },
  Conv2DBackpropFilterAttrs
> = {
  kernelName: Conv2DBackpropFilter,
  composed: composedFilterGradient,
  run(heap, { x, dy }, attrs) {
    float32(Conv2DBackpropFilter, { x, dy });
    const info = gradientInfo(Conv2DBackpropFilter, x.shape, attrs.filterShape, dy, attrs);
    const output = heap.output(info.filterShape);
    const { outHeight, outWidth, outChannels } = info;
    if (worthWinograd(info, [outHeight, outWidth]) && outChannels % 8 === 0) {
      winogradFilterGradient(heap, info, heap.address(x), heap.address(dy), output.address);
      return output.info;
    }
    filterGradient(heap, info, heap.address(x), heap.address(dy), output.address);
    return output.info;
  },
};

function filterGradient(heap: Heap, info: Conv2DInfo, x: number, dy: number, dw: number): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  if (batchSize * outHeight * outWidth === 0) {
    heap.run('zero_f32', 1, [dw, filterHeight * filterWidth * inChannels * outChannels]);
    return;
  }
  const { parts, images, rows, sliceStrips, slices, dense, bytes, sumsBytes } = planOf(info);
  heap.scratch([sumsBytes], ([sums]) => {
    heap.run(
      'convFilter_f32',
      slices,
      [
        ...[x, dy, sums!, batchSize, inHeight, inWidth, inChannels],
        ...[outHeight, outWidth, outChannels],
        ...[filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left],
        ...[images, rows, parts, sliceStrips, Number(dense)],
      ],
      bytes,
    );
    const run = filterWidth * inChannels;
    heap.run('unpackFilter_f32', filterHeight * run, [
      ...[sums!, dw, parts, filterHeight, run, outChannels],
    ]);
  });
}

/** How the work is cut, which follows from the shapes alone. */
function planOf(info: Conv2DInfo) {
  const { batchSize, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight } = info;
  const strips = Math.ceil((filterWidth * inChannels) / 4);
  const panels = Math.ceil(outChannels / 8);
  // Few channels are read as well where they are, and packing them wouldn't pay for few strips.
  const dense = outChannels % 8 === 0 && outChannels <= 32 && filterHeight * strips <= 12;

  const { images, rows } = blockOf(batchSize, outHeight, outWidth);
  const blocks = Math.ceil(batchSize / images) * Math.ceil(outHeight / rows);
  // Parts of the pixels, each with sums of its own, and groups of strips where these are too large.
  const tilesBytes = filterHeight * strips * panels * 128;
  const parts = Math.max(1, Math.min(SLICES, blocks, Math.floor(SUMS_BYTES / tilesBytes)));
  const phases = Math.min(strideHeight, filterHeight);
  const extraRows = Math.ceil(filterHeight / strideHeight) - 1;
  const stripBytes = phases * images * (rows + extraRows) * outWidth * 16;
  const mostStrips = Math.max(1, Math.floor(STRIPS_BYTES / stripBytes));
  const groups = Math.max(Math.ceil(SLICES / parts), Math.ceil(strips / mostStrips));
  const sliceStrips = Math.ceil(strips / groups);
  const packed = dense ? 0 : panels * images * rows * outWidth * 32;
  return {
    ...{ parts, images, rows, sliceStrips, dense },
    slices: parts * Math.ceil(strips / sliceStrips),
    bytes: sliceStrips * stripBytes + packed,
    sumsBytes: parts * tilesBytes,
  };
}

/** A block of pixels: whole images, as many as give all slices as much to do, or rows of one. */
function blockOf(batch: number, height: number, width: number): { images: number; rows: number } {
  const pixels = height * width;
  if (pixels > BLOCK_PIXELS) {
    return { images: 1, rows: Math.ceil(height / Math.ceil(pixels / BLOCK_PIXELS)) };
  }
  const rounds = Math.ceil((batch * pixels) / (SLICES * BLOCK_PIXELS));
  const images = Math.ceil(batch / (SLICES * rounds));
  return { images: Math.min(images, Math.floor(BLOCK_PIXELS / pixels)), rows: height };
}
