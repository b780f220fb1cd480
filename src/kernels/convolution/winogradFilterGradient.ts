import type { Heap } from '../runtime/heap.js';
import type { Conv2DInfo } from './convInfo.js';
import { fewTiles, INPUT_SCRATCH, planes, tilesOf } from './winograd.js';

/** With at most so many pairs of channels, parts of the tiles are summed apart, and their tiles in blocks. */
const FEW_SUMS = 1024;
/** Channels of a group, as in assembly/winogradGradient.ts. */
const GROUP = 32;

/** x [n, h, w, ci], dy [n, oh, ow, co] → dw [3, 3, ci, co], by addresses. co is a multiple of 8. */
export function winogradFilterGradient(
  heap: Heap,
  info: Conv2DInfo,
  x: number,
  dy: number,
  dw: number,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { top, left } = info.padInfo;
  const tiles = tilesOf(batchSize, outHeight, outWidth);
  const parts = inChannels * outChannels <= FEW_SUMS ? partsOf(tiles) : 1;
  const shapes = [inHeight, inWidth, top, left, outHeight, outWidth, inChannels, outChannels];
  const patch = INPUT_SCRATCH + 16 * outChannels * 4;
  if (fewTiles(tiles, inChannels, outChannels)) {
    heap.scratch([planes(tiles, inChannels), planes(tiles, outChannels)], ([strips, panels]) => {
      const range = [0, tiles, tiles, ...shapes];
      const slices = Math.ceil(tiles / 4);
      heap.run('winogradTiles_f32', slices, [x, dy, strips!, panels!, ...range], patch);
      const groups = Math.ceil(inChannels / GROUP) * Math.ceil(outChannels / GROUP);
      const args = [strips!, panels!, dw, tiles, inChannels, outChannels];
      heap.run('winogradGroups_f32', groups, args, 288 + planes(GROUP, GROUP));
    });
    return;
  }
  const block = blockOf(inChannels, outChannels);
  heap.scratch([parts * planes(inChannels, outChannels)], ([sums]) => {
    if (parts > 1) {
      const bytes = patch + planes(block, inChannels) + planes(block, outChannels);
      const partTiles = Math.ceil(tiles / parts);
      const args = [x, dy, sums!, tiles, partTiles, block, ...shapes];
      heap.run('winogradParts_f32', parts, args, bytes);
    } else {
      heap.scratch([planes(block, inChannels), planes(block, outChannels)], ([strips, panels]) => {
        for (let first = 0; first < tiles; first += block) {
          const count = Math.min(block, tiles - first);
          const range = [first, count, block, ...shapes];
          const slices = Math.ceil(count / 4);
          heap.run('winogradTiles_f32', slices, [x, dy, strips!, panels!, ...range], patch);
          const sizes = [count, block, inChannels, outChannels, first === 0 ? 1 : 0];
          heap.run('winogradSums_f32', 36, [strips!, panels!, sums!, ...sizes]);
        }
      });
    }
    const unpacked = [sums!, dw, parts, inChannels, outChannels];
    heap.run('winogradUnpack_f32', inChannels, unpacked, 288 + 576);
  });
}

/**
 * Tiles of a block. Up to 64 channels the 36 planes of 64 tiles stay in the second-level cache; with more it is the
 * sums that must not be read again for every few tiles.
 */
function blockOf(inChannels: number, outChannels: number): number {
  return inChannels * outChannels <= 4096 ? 64 : 128;
}

/** Parts of a filter gradient whose sums are so few that each part can have its own. */
function partsOf(tiles: number): number {
  return Math.max(1, Math.min(8, Math.floor(tiles / 128)));
}
