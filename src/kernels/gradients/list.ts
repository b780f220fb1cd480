import { activations } from './activations.js';
import { avgPool } from './avgPool.js';
import { broadcasts } from './broadcasts.js';
import { depthToSpace } from './depthToSpace.js';
import { conv2D, depthwiseConv2dNative } from './dilated.js';
import { fusedBatchNorm } from './fusedBatchNorm.js';
import { gatherNd, scatterNd } from './gatherNd.js';
import type { Gradient } from './gradient.js';
import { mirrorPad } from './mirrorPad.js';
import { reductions } from './reductions.js';
import { resizeBilinear, resizeNearestNeighbor } from './resize.js';
import { tile } from './tile.js';

/** Every gradient that `registerKernels` brings. */
export const GRADIENTS: readonly Gradient[] = [
  ...activations,
  avgPool,
  ...broadcasts,
  conv2D,
  depthToSpace,
  depthwiseConv2dNative,
  fusedBatchNorm,
  gatherNd,
  mirrorPad,
  ...reductions,
  resizeBilinear,
  resizeNearestNeighbor,
  scatterNd,
  tile,
];
