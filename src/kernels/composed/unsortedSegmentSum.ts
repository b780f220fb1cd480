import {
  cast,
  matMul,
  oneHot,
  reshape,
  type Tensor,
  type Tensor1D,
  tidy,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';

/** A matrix product with a row of zeros and ones for each segment. */
export function composedSegmentSum(
  { x, segmentIds }: { x: Tensor; segmentIds: Tensor },
  { numSegments }: UnsortedSegmentSumAttrs,
): Tensor {
  return tidy(() => {
    const [rows, ...rest] = x.shape as [number, ...number[]];
    // WASM's oneHot of float32 holds the bits of integers.
    const ids = cast(oneHot(segmentIds as Tensor1D, numSegments), 'float32');
    const sums = matMul(ids, cast(reshape(x, [rows, -1]), 'float32'), true);
    return cast(reshape(sums, [numSegments, ...rest]), x.dtype);
  });
}
