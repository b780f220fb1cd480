import type { Heap } from '../runtime/heap.js';
import { withBias } from './convolve.js';
import type { WinogradCall } from './winogradCall.js';

/** As in assembly/winogradKept.ts: an output of so many tiles at most. */
const MOST_TILES = 256;
/** As many tiles of 4×4 outputs are few: with more, a filter's reading is hidden behind the products. */
const FEW_TILES = 64;
/** What reading a number of a filter costs, in products. */
const READING = 6;

type Size = 2 | 4;
type Shape = Pick<WinogradCall, 'batch' | 'outHeight' | 'outWidth' | 'outChannels'>;

/**
 * The size of the tiles by which a kept filter is best applied, panel by panel; null for what has too many
 * tiles, or channels that don't come in sixteens. F(2×2) takes 16 products a tile for a quarter of the
 * outputs that F(4×4) has for 36, and keeps 16 numbers of each pair of channels in place of 36.
 */
export function keptSize(shape: Shape): Size | null {
  const [small, large] = [tilesOf(shape, 2), tilesOf(shape, 4)];
  if (large > FEW_TILES || small > MOST_TILES || shape.outChannels % 16 !== 0) return null;
  return 16 * (small + READING) <= 36 * (large + READING) ? 2 : 4;
}

function tilesOf({ batch, outHeight, outWidth }: Shape, size: Size): number {
  return batch * Math.ceil(outHeight / size) * Math.ceil(outWidth / size);
}

/** y = bias + x ⋆ filter + residual, within bounds, by tiles of a size; see {@link keptSize}. */
export function winogradKept(heap: Heap, call: WinogradCall, size: Size): void {
  const { x, filter, y, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = call;
  const { bias, bounds, residual } = call.epilogue;
  const tiles = tilesOf(call, size);
  const panels = outChannels / 16;
  const points = (size + 2) ** 2;
  const transform = (to: number) => {
    const args = [filter, to, inChannels, outChannels, size];
    heap.run('winogradKeptFilter_f32', panels, args, 288);
  };
  const bytes = points * inChannels * outChannels * 4;
  heap.prepared(call.source ?? filter, `winograd ${size}`, bytes, transform, (planes) => {
    withBias(heap, bias, outChannels, (packedBias) => {
      heap.scratch([points * (tiles * inChannels * 4 + 64)], ([v]) => {
        heap.run(
          'winogradKeptInput_f32',
          tiles,
          [
            ...[x, v!, tiles, inHeight, inWidth, call.top, call.left, outHeight, outWidth],
            ...[inChannels, size],
          ],
          576 + 36 * inChannels * 4,
        );
        heap.run(
          'winogradKept_f32',
          panels,
          [
            ...[v!, planes, packedBias, y, tiles, outHeight, outWidth, inChannels, outChannels],
            ...[size, ...bounds, residual === undefined ? 0 : residual - y],
          ],
          2688 + points * (tiles * 64 + 64),
        );
      });
    });
  });
}
