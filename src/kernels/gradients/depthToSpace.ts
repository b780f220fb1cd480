import { DepthToSpace, reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { Gradient } from './gradient.js';

/** Each block of s × s pixels goes back to the channels that it came from. Stock has no gradient. */
export const depthToSpace: Gradient = {
  kernelName: DepthToSpace,
  saves: [],
  gradFunc: (dy, _, { blockSize, dataFormat }) => ({
    x: () =>
      dataFormat === 'NCHW'
        ? transpose(toDepth(transpose(dy, [0, 2, 3, 1]), blockSize as number), [0, 3, 1, 2])
        : toDepth(dy, blockSize as number),
  }),
};

/** [b, h·s, w·s, c] → [b, h, w, s·s·c]. */
function toDepth(dy: Tensor, s: number): Tensor {
  const [b, height, width, c] = dy.shape as [number, number, number, number];
  const [h, w] = [height / s, width / s];
  const blocks = transpose(reshape(dy, [b * h, s, w, s * c]), [0, 2, 1, 3]);
  return reshape(blocks, [b, h, w, s * s * c]);
}
