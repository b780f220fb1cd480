import type { Conv2DInfo } from './convInfo.js';
import { type Bounds, convolve } from './convolve.js';
import type { Heap } from './heap.js';
import { winograd, worthWinograd } from './winograd.js';

/** x [n, h, w, ci] convolved with filter [kh, kw, ci, co] → y [n, oh, ow, co], by addresses. */
export function forwardConvolution(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  filter: number,
  bias: number | null,
  y: number,
  bounds: Bounds,
): void {
  if (!worthWinograd(info, [info.outHeight, info.outWidth])) {
    convolve(heap, info, x, filter, bias, y, bounds);
    return;
  }
  const { batchSize: batch, padInfo, inHeight, inWidth, inChannels } = info;
  const { outHeight, outWidth, outChannels } = info;
  winograd(heap, {
    ...{ x, filter, bias, y, batch, bounds },
    ...{ inHeight, inWidth, inChannels, outHeight, outWidth, outChannels },
    ...{ top: padInfo.top, left: padInfo.left },
  });
}
