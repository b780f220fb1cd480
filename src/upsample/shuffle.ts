import { reshape, type Tensor4D, transpose } from '@tensorflow/tfjs-core';

export const ORDERS = ['tensorflow', 'torch'] as const;
/** Which of c·r·s channels make the block of r×s pixels of one channel. */
export type ShuffleOrder = (typeof ORDERS)[number];
/** Height and width of a block. */
type Block = readonly [r: number, s: number];

/** Depth to space: `[b, h, w, c·r·s] → [b, h·r, w·s, c]`. */
export function shuffle(x: Tensor4D, [r, s]: Block, order: ShuffleOrder): Tensor4D {
  const [b, h, w, depth] = x.shape;
  const c = depth / (r * s);
  // Axes that stay side by side are one axis: fewer are faster, and WebGL has six at most.
  const blocks =
    order === 'tensorflow'
      ? transpose(reshape(x, [b * h, w, r, s * c]), [0, 2, 1, 3])
      : transpose(reshape(x, [b * h, w, c, r, s]), [0, 3, 1, 4, 2]);
  return reshape(blocks, [b, h * r, w * s, c]);
}

/** Space to depth, the inverse of {@link shuffle}: `[b, h·r, w·s, c] → [b, h, w, c·r·s]`. */
export function unshuffle(y: Tensor4D, [r, s]: Block, order: ShuffleOrder): Tensor4D {
  const [b, height, width, c] = y.shape;
  const [h, w] = [height / r, width / s];
  const pixels =
    order === 'tensorflow'
      ? transpose(reshape(y, [b * h, r, w, s * c]), [0, 2, 1, 3])
      : transpose(reshape(y, [b * h, r, w, s, c]), [0, 2, 4, 1, 3]);
  return reshape(pixels, [b, h, w, c * r * s]);
}
