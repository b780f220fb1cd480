import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';
import { type Epilogue, withBias } from './convolve.js';
import { allowsWinograd } from './winograd.js';

/** Pixels and channels from which on it gains something: packing and the ends of seven loops take time, too. */
const LEAST_PIXELS = 128;
const LEAST_CHANNELS = 64;

/** Of a slice, whose pixels and their sums are to stay in the second-level cache. */
const MOST_PIXELS = 256;
const MOST_BYTES = 384 * 1024;
/** With fewer blocks of pixels than this, the channels are cut too. */
const FEW_BLOCKS = 16;

/** As in assembly/strassen.ts. */
const SUMS = 416;

/**
 * Whether Strassen's algorithm is worth it for a convolution by a filter that is kept: a kernel of one pixel,
 * no padding, input channels in eights and output channels in thirty-twos, and enough of all of them.
 */
export function worthStrassen(info: Conv2DInfo): boolean {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const inside =
    info.padInfo.top === 0 &&
    info.padInfo.left === 0 &&
    (outHeight - 1) * info.strideHeight < inHeight &&
    (outWidth - 1) * info.strideWidth < inWidth;
  return (
    allowsWinograd() &&
    info.filterHeight * info.filterWidth === 1 &&
    inside &&
    batchSize * outHeight * outWidth >= LEAST_PIXELS &&
    Math.min(inChannels, outChannels) >= LEAST_CHANNELS &&
    inChannels % 8 === 0 &&
    outChannels % 32 === 0
  );
}

/** x [n, h, w, ci] convolved with filter [1, 1, ci, co] → y [n, oh, ow, co]: see {@link worthStrassen}. */
export function strassen(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  filter: number,
  y: number,
  { bias, bounds, residual }: Epilogue,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const pixels = batchSize * outHeight * outWidth;
  const panels = outChannels / 32;
  const most = Math.min(MOST_PIXELS, Math.max(4, MOST_BYTES / (8 * inChannels)));
  const block = Math.ceil(pixels / Math.ceil(pixels / most) / 4) * 4;
  const blocks = Math.ceil(pixels / block);
  const groups = Math.min(panels, Math.ceil(FEW_BLOCKS / blocks));
  const transform = (to: number) => {
    heap.run('strassenFilter_f32', panels, [filter, to, inChannels, outChannels]);
  };
  heap.prepared(filter, 'strassen', 7 * inChannels * outChannels, transform, (factors) => {
    withBias(heap, bias, outChannels, (packedBias) => {
      const pixel = inChannels * 4;
      const row = inWidth * pixel;
      heap.run(
        'strassen_f32',
        blocks * groups,
        [
          ...[x, factors, packedBias, y, pixels, outHeight, outWidth],
          ...[inHeight * row, info.strideHeight * row, info.strideWidth * pixel],
          ...[outHeight * outWidth * outChannels * 4, outWidth * outChannels * 4, outChannels * 4],
          ...[inChannels, outChannels, ...bounds, groups],
          ...[residual === undefined ? 0 : residual - y, block],
        ],
        SUMS + block * (8 + 8 * inChannels),
      );
    });
  });
}
