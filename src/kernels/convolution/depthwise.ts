import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { copyAxes } from '../moves/copyRuns.js';
import { repeatAlong } from '../moves/repeat.js';
import type { Heap } from '../runtime/heap.js';
import type { Bounds } from './convolve.js';
import type { DepthwiseAttrs } from './depthwiseInfo.js';

/**
 * Pixels that lie a multiple of so many channels apart meet in the same places of the cache. Then the
 * channels are cut into blocks.
 */
const MEETING = 512;
const BLOCK = 64;

export interface DepthwiseTensors {
  x: TensorInfo;
  filter: TensorInfo;
  bias?: TensorInfo;
}

/**
 * x [n, h, w, c], filter [kh, kw, c, m] → the depthwise convolution + bias [c·m], kept within bounds,
 * [n, oh, ow, c·m]. Null for what is left to stock.
 */
export function depthwise(
  heap: Heap,
  { x, filter, bias }: DepthwiseTensors,
  attrs: DepthwiseAttrs & { dataFormat?: string },
  bounds: Bounds,
): TensorInfo | null {
  const floats = [x, filter, ...(bias ? [bias] : [])].every(({ dtype }) => dtype === 'float32');
  if (attrs.dataFormat === 'NCHW' || !floats) return null;
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    ...([attrs.strides, attrs.dilations ?? 1, attrs.pad, attrs.dimRoundingMode, true] as const),
  );
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const output = heap.output(info.outShape);
  const pixels = inHeight * inWidth;
  const taps = info.filterHeight * info.filterWidth;
  const offset = bias ? heap.address(bias) : 0;
  const blocks = outChannels % MEETING === 0 ? outChannels / BLOCK : 1;
  const channels = outChannels / blocks;
  const run = (images: number, from: number, weights: number, to: number) => {
    heap.run('depthwise_f32', images * blocks * outHeight, [
      ...[from, weights, offset, to, inHeight, inWidth, channels, outHeight, outWidth],
      ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
      ...[info.padInfo.top, info.padInfo.left, info.dilationHeight, info.dilationWidth],
      ...[...bounds, blocks],
    ]);
  };
  /** [rows, blocks, channels] → [blocks, rows, channels]. */
  const cut = (from: number, to: number, rows: number) => {
    copyAxes(heap, from, to, [
      { size: blocks, from: channels, to: rows * channels },
      { size: rows, from: outChannels, to: channels },
      { size: channels, from: 1, to: 1 },
    ]);
  };
  const inBlocks = (source: number, weights: number) => {
    const pack = (to: number) => cut(weights, to, taps);
    heap.prepared(weights, 'blocks', taps * outChannels * 4, pack, (packed) => {
      heap.scratch([pixels * outChannels * 4], ([copy]) => {
        for (let n = 0; n < batchSize; n++) {
          cut(source + n * pixels * outChannels * 4, copy!, pixels);
          run(1, copy!, packed, output.address + n * outHeight * outWidth * outChannels * 4);
        }
      });
    });
  };
  withRepeated(heap, x, outChannels / inChannels, (source) => {
    if (blocks > 1) inBlocks(source, heap.address(filter));
    else run(batchSize, source, heap.address(filter), output.address);
  });
  return output.info;
}

/** The values of a tensor, each `times` times. */
function withRepeated(
  heap: Heap,
  x: TensorInfo,
  times: number,
  use: (address: number) => void,
): void {
  if (times === 1) {
    use(heap.address(x));
    return;
  }
  const count = util.sizeFromShape(x.shape);
  heap.scratch([count * times * 4], ([address]) => {
    const info = { ...x, shape: [count, times] };
    repeatAlong(heap, heap.address(x), [count, 1], [1, times], { info, address: address! });
    use(address!);
  });
}
