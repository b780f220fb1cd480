import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';
import type { Epilogue } from './convolve.js';
import { type Phase, phasesOf } from './phases.js';

/** Up to so many input channels, half of a tile of 8 or more would be empty. */
export const FEW_CHANNELS = 4;

/** Bytes of the planes of a slice: they stay in the second-level cache. */
const PLANES_BYTES = 128 * 1024;
/** Slices to aim at, so that a few threads find work, and rows that are too few to be cut. */
const SLICES = 8;
const FEW_ROWS = 16;

/** As in assembly/convPlanes.ts. */
const TILE = 24;

/** The gradient of the input, of few channels: dy [n, oh, ow, co], filter [kh, kw, ci, co] → [n, h, w, ci]. */
export function inputGradientOfFew(
  heap: Heap,
  info: Conv2DInfo,
  dy: number,
  filter: number,
  dx: number,
  { bias, bounds }: Epilogue,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const rows = reachOf(phasesOf(inHeight, filterHeight, strideHeight, padInfo.top));
  const columns = reachOf(phasesOf(inWidth, filterWidth, strideWidth, padInfo.left));
  const halo = rows.before + rows.after;
  const span = Math.ceil(inWidth / strideWidth) + columns.before + columns.after;
  const bandRows = rowsOfBand(info, span * outChannels * 4, halo);
  const bands = Math.ceil(Math.ceil(inHeight / strideHeight) / bandRows);
  const scratch =
    outChannels * (4 * (bandRows + halo) * span + 224) +
    strideWidth * inChannels * 4 * (bandRows * span + TILE);
  heap.run(
    'convPlanes_f32',
    batchSize * bands,
    [
      ...[dy, filter, bias ?? 0, dx],
      ...[outHeight, outWidth, outChannels, inHeight, inWidth, inChannels],
      ...[filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left],
      ...[bandRows, rows.before, rows.after, columns.before, columns.after, ...bounds],
    ],
    scratch,
  );
}

/** How far windows reach before and behind the position of dy with their number in a phase. */
function reachOf(phases: Phase[]): { before: number; after: number } {
  const used = phases.filter(({ taps }) => taps > 0);
  return {
    before: Math.max(0, ...used.map(({ start }) => -start)),
    after: Math.max(0, ...used.map(({ start, taps }) => start + taps - 1)),
  };
}

/** As many rows of a phase as the cache holds, but fewer where there are few images. */
function rowsOfBand(
  { batchSize, inHeight, strideHeight }: Conv2DInfo,
  rowBytes: number,
  halo: number,
): number {
  const rows = Math.ceil(inHeight / strideHeight);
  const shared = Math.ceil(rows / Math.ceil(SLICES / batchSize));
  const held = Math.floor(PLANES_BYTES / rowBytes) - halo;
  return Math.max(1, Math.min(held, Math.max(shared, FEW_ROWS), rows));
}
