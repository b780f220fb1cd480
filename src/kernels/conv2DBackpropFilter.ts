import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { composedFilterGradient } from './composed/conv2DBackpropFilter.js';
import { type Conv2DInfo, float32, gradientInfo } from './convInfo.js';
import type { Heap } from './heap.js';
import type { Kernel } from './kernel.js';
import { worthWinograd } from './winograd.js';
import { winogradFilterGradient } from './winogradFilterGradient.js';

/** Pixels of a block: a panel of dy, 8 floats a pixel, stays in the first-level cache. */
const BLOCK_PIXELS = 512;
/** Bytes of the packed strips of a slice: they stay in the second-level cache. */
const SLICE_BYTES = 400 * 1024;
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
    const plan = planFilterGradient(info);
    heap.scratch(plan.scratch, (scratch) => {
      filterGradient(heap, info, plan, heap.address(x), heap.address(dy), output.address, scratch);
    });
    return output.info;
  },
};

/** Sizes that follow from the shapes alone. */
function planFilterGradient(info: Conv2DInfo) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const run = filterWidth * inChannels;
  const strips = Math.ceil(run / 4);
  const panels = Math.ceil(outChannels / 8);
  const phases = Math.min(strideHeight, filterHeight);
  const extraRows = Math.ceil(filterHeight / strideHeight) - 1;

  // Rows and columns that the windows touch; a strip may read 12 bytes further.
  const reachHeight = Math.max((outHeight - 1 + extraRows) * strideHeight + phases, 0);
  const reachWidth = Math.max((outWidth - 1) * strideWidth + filterWidth, 0);
  const inPlace =
    top === 0 && left === 0 && reachHeight <= inHeight && reachWidth <= inWidth && run % 4 === 0;
  const height = inPlace ? inHeight : reachHeight;
  const width = inPlace ? inWidth : reachWidth;

  // A block is whole images, or rows of one.
  const pixels = Math.max(outHeight * outWidth, 1);
  const images = Math.max(1, Math.min(batchSize, Math.floor(BLOCK_PIXELS / pixels)));
  const rows =
    images > 1 ? outHeight : Math.ceil(outHeight / Math.max(1, Math.ceil(pixels / BLOCK_PIXELS)));
  // Few channels are read as well where they are, and packing them wouldn't pay for few strips.
  const dense = outChannels % 8 === 0 && outChannels <= 32 && filterHeight * strips <= 12;
  const stripBytes = phases * images * (rows + extraRows) * outWidth * 16;
  const sliceStrips = Math.max(
    1,
    Math.min(Math.floor(SLICE_BYTES / stripBytes), Math.ceil(strips / SLICES)),
  );
  const sliceBytes = sliceStrips * stripBytes;
  const slices = Math.ceil(strips / sliceStrips);
  return {
    ...{
      run,
      panels,
      inPlace,
      dense,
      height,
      width,
      images,
      rows,
      sliceStrips,
      sliceBytes,
      slices,
    },
    scratch: [
      inPlace ? 0 : batchSize * height * width * inChannels * 4 + 16,
      dense ? 0 : panels * images * rows * outWidth * 32,
      filterHeight * strips * panels * 128,
    ],
  };
}

function filterGradient(
  heap: Heap,
  info: Conv2DInfo,
  plan: ReturnType<typeof planFilterGradient>,
  x: number,
  dy: number,
  dw: number,
  [padded, packed, tiles]: number[],
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, strideHeight, strideWidth, padInfo } = info;
  const { run, panels, inPlace, dense, height, width, sliceStrips, sliceBytes, slices } = plan;
  if (!inPlace) {
    const sizes = [inHeight, inWidth, inChannels, height, width, padInfo.top, padInfo.left];
    heap.run('pad_f32', batchSize, [x, padded!, ...sizes]);
  }
  const source = inPlace ? x : padded!;
  const pixel = inChannels * 4;
  const row = width * pixel;
  const dyRow = outWidth * outChannels * 4;
  let fresh = 1;
  for (let n = 0; n < batchSize; n += plan.images) {
    const images = Math.min(plan.images, batchSize - n);
    for (let r = 0; r < outHeight; r += plan.rows) {
      const rows = Math.min(plan.rows, outHeight - r);
      const xBlock = source + (n * height + r * strideHeight) * row;
      const dyBlock = dy + (n * outHeight + r) * dyRow;
      if (!dense) {
        const block = [images, rows * outWidth, outChannels, outHeight * dyRow];
        heap.run('packPanels_f32', panels, [dyBlock, packed!, ...block, 8]);
      }
      heap.run(
        'convFilter_f32',
        slices,
        [
          ...[xBlock, dense ? dyBlock : packed!, tiles!],
          ...[images, rows, outWidth, height * row, row, strideWidth * pixel],
          ...[filterHeight, run, strideHeight, outChannels],
          ...(dense ? [32, outChannels * 4] : [images * rows * outWidth * 32, 32]),
          ...[fresh, sliceStrips],
        ],
        sliceBytes,
      );
      fresh = 0;
    }
  }
  if (fresh) heap.run('zero_f32', 1, [dw, info.filterShape.reduce((a, b) => a * b)]);
  else heap.run('unpackFilter_f32', filterHeight, [tiles!, dw, run, outChannels]);
}
