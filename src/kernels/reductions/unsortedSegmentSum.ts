import {
  type Tensor,
  UnsortedSegmentSum,
  type UnsortedSegmentSumAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';
import { composedSegmentSum } from '../composed/unsortedSegmentSum.js';
import type { Kernel } from '../kernel.js';
import { isWords } from '../moves/copyRuns.js';

/** As in assembly/segment.ts. */
const COLUMNS = 256;

/**
 * Sums of the rows of x, [rows, …] → [numSegments, …], by their segment ids: the gradient of gathering
 * and embedding. Rows with an id outside of the segments are left out.
 */
export const unsortedSegmentSum: Kernel<
  { x: Tensor; segmentIds: Tensor },
  UnsortedSegmentSumAttrs
> = {
  kernelName: UnsortedSegmentSum,
  composed: composedSegmentSum,
  run(heap, { x, segmentIds }, { numSegments }) {
    if (!isWords(x) || segmentIds.dtype !== 'int32') {
      throw new OptionError(
        `${UnsortedSegmentSum}: x must be float32 or int32 and segmentIds int32, ` +
          `got ${x.dtype} and ${segmentIds.dtype}`,
      );
    }
    const [rows, ...rest] = x.shape as [number, ...number[]];
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== rows) {
      throw new OptionError(
        `${UnsortedSegmentSum}: segmentIds must have an id for each of the ${rows} rows, ` +
          `got shape ${show(segmentIds.shape)}`,
      );
    }
    const sums = heap.output([numSegments, ...rest], x.dtype as 'float32');
    const inner = util.sizeFromShape(rest);
    heap.run('segmentSum_32', Math.ceil(inner / COLUMNS), [
      ...[heap.address(x), heap.address(segmentIds), sums.address],
      ...[rows, inner, numSegments, Number(x.dtype === 'int32')],
    ]);
    return sums.info;
  },
};
