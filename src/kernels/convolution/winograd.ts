import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';
import { withBias } from './convolve.js';
import type { WinogradCall } from './winogradCall.js';
import { keptSize, winogradKept } from './winogradKept.js';

/**
 * Tiles of a slice. Where the transformed filter stays in the second-level cache, reading it again for
 * every few tiles costs less than planes that leave the first-level cache.
 */
function blockOf(inChannels: number, outChannels: number): number {
  return inChannels * outChannels <= 4096 ? 8 : 32;
}

const FEW_TILES = 128;
const MANY_CHANNELS = 128 * 128;

/** With few tiles of many channels it is the filter that must not be read from memory again. */
export function fewTiles(tiles: number, inChannels: number, outChannels: number): boolean {
  return tiles <= FEW_TILES && inChannels * outChannels >= MANY_CHANNELS;
}

/** What the transforms of a filter cost beside its products, in products of a channel pair. */
const FILTER_COST = 540;

/** Bytes of scratch of the input's transform, as in assembly/winogradLines.ts. */
export const INPUT_SCRATCH = 6528;

let enabled = true;

/** Switches the algorithms with fewer products on or off: Winograd's and Strassen's. */
export function setWinograd(on: boolean): void {
  enabled = on;
}

/** Whether sums may be others than those of the definition. */
export function allowsWinograd(): boolean {
  return enabled;
}

/**
 * Whether F(4×4, 3×3) is worth it for an output of this size: kernel 3×3, stride 1, channels in fours
 * from 8 on (`outChannels` in eights for the filter gradient), and 36 products a tile with the filter's
 * transforms under three quarters of the 9 products a pixel. A filter that is kept is transformed once.
 */
export function worthWinograd(
  info: Conv2DInfo,
  [height, width]: [number, number],
  kept = false,
): boolean {
  const { batchSize, inChannels, outChannels, padInfo } = info;
  const plain =
    info.filterHeight === 3 &&
    info.filterWidth === 3 &&
    info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    padInfo.top <= 2 &&
    padInfo.left <= 2;
  const channels = [inChannels, outChannels].every((c) => c >= 8 && c % 4 === 0);
  const tiles = tilesOf(batchSize, height, width);
  const cost = 36 * tiles + (kept ? 0 : FILTER_COST);
  return enabled && plain && channels && cost < 0.75 * 9 * batchSize * height * width;
}

/** Tiles of 4×4 outputs. */
export function tilesOf(batch: number, height: number, width: number): number {
  return batch * Math.ceil(height / 4) * Math.ceil(width / 4);
}

/** y = bias + x ⋆ filter + residual, within bounds. */
export function winograd(heap: Heap, call: WinogradCall): void {
  const { inChannels, outChannels, filter, source = filter } = call;
  const size = heap.isConstant(source) ? keptSize(call) : null;
  if (size) {
    winogradKept(heap, call, size);
    return;
  }
  const tiles = tilesOf(call.batch, call.outHeight, call.outWidth);
  withBias(heap, call.epilogue.bias, outChannels, (bias) => {
    if (fewTiles(tiles, inChannels, outChannels) && !heap.isConstant(source)) {
      byPanels(heap, call, tiles, bias);
    } else byTiles(heap, call, tiles, bias);
  });
}

/** In blocks of tiles, with the whole filter transformed. */
function byTiles(heap: Heap, call: WinogradCall, tiles: number, bias: number): void {
  const { x, filter, y, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = call;
  const { bounds, residual } = call.epilogue;
  const panels = Math.ceil(outChannels / 8);
  const block = blockOf(inChannels, outChannels);
  const transform = (to: number) => {
    heap.run('winogradFilter_f32', panels, [filter, to, inChannels, outChannels], 288);
  };
  const bytes = planes(panels * 8, inChannels);
  heap.prepared(call.source ?? filter, 'winograd', bytes, transform, (transformed) => {
    heap.run(
      'winograd_f32',
      Math.ceil(tiles / block),
      [
        ...[x, transformed, bias, y, tiles],
        ...[inHeight, inWidth, call.top, call.left, outHeight, outWidth],
        ...[inChannels, outChannels, block, ...bounds, residual === undefined ? 0 : residual - y],
      ],
      INPUT_SCRATCH + planes(block, inChannels) + planes(block, panels * 8),
    );
  });
}

/** In panels of output channels, with all tiles transformed. */
function byPanels(heap: Heap, call: WinogradCall, tiles: number, bias: number): void {
  const { x, filter, y, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = call;
  const { bounds, residual } = call.epilogue;
  const rows = Math.ceil(tiles / 4) * 4;
  heap.scratch([planes(rows, inChannels)], ([v]) => {
    const shape = [inHeight, inWidth, call.top, call.left, outHeight, outWidth, inChannels];
    heap.run('winogradInput_f32', tiles, [x, v!, tiles, ...shape], INPUT_SCRATCH);
    heap.run(
      'winogradPanels_f32',
      Math.ceil(outChannels / 8),
      [
        ...[v!, filter, bias, y, tiles, outHeight, outWidth, inChannels, outChannels],
        ...[...bounds, residual === undefined ? 0 : residual - y],
      ],
      576 + planes(8, inChannels) + planes(rows, 8),
    );
  });
}

/** Bytes of the 36 planes of a matrix, as in assembly/winograd.ts. */
export function planes(rows: number, columns: number): number {
  return 36 * (rows * columns * 4 + 64);
}
