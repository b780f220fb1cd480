import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';
import { convolve, type Epilogue } from './convolve.js';
import { strassen, worthStrassen } from './strassen.js';
import { winograd, worthWinograd } from './winograd.js';

/** x [n, h, w, ci] convolved with filter [kh, kw, ci, co] → y [n, oh, ow, co], by addresses. */
export function forwardConvolution(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  filter: number,
  y: number,
  epilogue: Epilogue,
): void {
  const kept = heap.isConstant(filter);
  if (kept && worthStrassen(info)) {
    strassen(heap, info, x, filter, y, epilogue);
    return;
  }
  if (!worthWinograd(info, [info.outHeight, info.outWidth], kept)) {
    convolve(heap, info, x, filter, y, epilogue);
    return;
  }
  const { batchSize: batch, padInfo, inHeight, inWidth, inChannels } = info;
  const { outHeight, outWidth, outChannels } = info;
  winograd(heap, {
    ...{ x, filter, y, batch, epilogue },
    ...{ inHeight, inWidth, inChannels, outHeight, outWidth, outChannels },
    ...{ top: padInfo.top, left: padInfo.left },
  });
}
