import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Bounds } from './convolve.js';
import type { DepthwiseAttrs } from './depthwiseInfo.js';
import type { Heap } from './heap.js';

export interface DepthwiseTensors {
  x: TensorInfo;
  filter: TensorInfo;
  bias?: TensorInfo;
}

type Attrs = DepthwiseAttrs & { dataFormat?: string };

/**
 * A depthwise convolution whose stride exceeds its kernel, for which XNNPACK fails and leaves zeros
 * behind; null for every other.
 */
export function sparseDepthwise(
  heap: Heap,
  tensors: DepthwiseTensors,
  attrs: Attrs,
  bounds: Bounds,
): TensorInfo | null {
  const info = infoOf(tensors, attrs);
  if (!info) return null;
  const { effectiveFilterHeight, effectiveFilterWidth, strideHeight, strideWidth } = info;
  if (strideHeight <= effectiveFilterHeight && strideWidth <= effectiveFilterWidth) return null;
  const output = heap.output(info.outShape);
  const { batchSize } = info;
  heap.scratch([(batchSize + 2) * 4], ([flags]) => {
    heap.run('fill_32', 1, [flags!, 1, batchSize + 2]);
    recompute(heap, info, tensors, output.address, flags!, bounds);
  });
  return output.info;
}

/**
 * Computes anew, where an image, the filter or the bias holds NaN or infinity, what XNNPACK wrote to `y`:
 * it turns a NaN into the lower bound of its activation, so that a network that diverged looks healthy.
 */
export function repairDepthwise(
  heap: Heap,
  tensors: DepthwiseTensors,
  attrs: Attrs,
  y: TensorInfo,
  bounds: Bounds,
): void {
  const info = infoOf(tensors, attrs);
  if (!info) return;
  const { x, filter, bias } = tensors;
  const { batchSize, outChannels } = info;
  heap.scratch([(batchSize + 2) * 4], ([flags]) => {
    const [ofFilter, ofBias] = [flags! + batchSize * 4, flags! + batchSize * 4 + 4];
    const image = util.sizeFromShape(x.shape.slice(1));
    heap.run('notFinite_f32', batchSize, [heap.address(x), flags!, image]);
    const taps = util.sizeFromShape(filter.shape);
    heap.run('notFinite_f32', 1, [heap.address(filter), ofFilter, taps]);
    const offset = bias ? heap.address(bias) : 0;
    heap.run('notFinite_f32', 1, [offset, ofBias, bias ? outChannels : 0]);
    recompute(heap, info, tensors, heap.address(y), flags!, bounds);
  });
}

/** The geometry; null for what is left to stock as it is. */
function infoOf({ x, filter }: DepthwiseTensors, attrs: Attrs) {
  if (attrs.dataFormat === 'NCHW' || x.dtype !== 'float32' || filter.dtype !== 'float32') {
    return null;
  }
  return backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    ...([attrs.strides, attrs.dilations ?? 1, attrs.pad, attrs.dimRoundingMode, true] as const),
  );
}

function recompute(
  heap: Heap,
  info: backend_util.Conv2DInfo,
  { x, filter, bias }: DepthwiseTensors,
  y: number,
  flags: number,
  bounds: Bounds,
): void {
  const { batchSize, outHeight, outWidth, inChannels, outChannels } = info;
  const offset = bias ? heap.address(bias) : 0;
  heap.run('depthwiseRepair_f32', batchSize * outHeight, [
    ...[heap.address(x), heap.address(filter), offset, y, flags, batchSize],
    ...[info.inHeight, info.inWidth, inChannels, outHeight, outWidth, outChannels / inChannels],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
    ...[info.padInfo.top, info.padInfo.left, info.dilationHeight, info.dilationWidth, ...bounds],
  ]);
}
