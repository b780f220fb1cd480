import { activationGrad } from './activationGrad.js';
import { adam } from './adam.js';
import { add } from './add.js';
import { all } from './all.js';
import { any } from './any.js';
import { avgPool } from './avgPool.js';
import { avgPoolGrad } from './avgPoolGrad.js';
import { batchMatMul } from './batchMatMul.js';
import { batchNormGrad } from './batchNormGrad.js';
import { batchNormTrain } from './batchNormTrain.js';
import { broadcast } from './broadcast.js';
import { cast } from './cast.js';
import { clipByValue } from './clipByValue.js';
import { concat } from './concat.js';
import { conv2D } from './conv2D.js';
import { conv2DBackpropFilter } from './conv2DBackpropFilter.js';
import { conv2DBackpropInput } from './conv2DBackpropInput.js';
import { depthwiseConv2dNative } from './depthwiseConv2dNative.js';
import { depthwiseConv2dNativeBackpropFilter } from './depthwiseConv2dNativeBackpropFilter.js';
import { depthwiseConv2dNativeBackpropInput } from './depthwiseConv2dNativeBackpropInput.js';
import { exp } from './exp.js';
import { fusedBatchNorm } from './fusedBatchNorm.js';
import { fusedConv2D } from './fusedConv2D.js';
import { fusedDepthwiseConv2D } from './fusedDepthwiseConv2D.js';
import { fusedMatMul } from './fusedMatMul.js';
import { identity } from './identity.js';
import type { Kernel } from './kernel.js';
import { max } from './max.js';
import { maximum } from './maximum.js';
import { maxPool } from './maxPool.js';
import { maxPoolGrad } from './maxPoolGrad.js';
import { maxPoolWithArgmax } from './maxPoolWithArgmax.js';
import { maxUnpool } from './maxUnpool.js';
import { maxUnpoolGrad } from './maxUnpoolGrad.js';
import { mean } from './mean.js';
import { min } from './min.js';
import { minimum } from './minimum.js';
import { momentum } from './momentum.js';
import { multiply } from './multiply.js';
import { oneHot } from './oneHot.js';
import { padV2 } from './padV2.js';
import { prod } from './prod.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { resizeBilinearGrad } from './resizeBilinearGrad.js';
import { resizeNearestNeighbor } from './resizeNearestNeighbor.js';
import { resizeNearestNeighborGrad } from './resizeNearestNeighborGrad.js';
import { reverse } from './reverse.js';
import { rMSProp } from './rMSProp.js';
import { slice } from './slice.js';
import { softplus } from './softplus.js';
import { splitV } from './splitV.js';
import { stridedSlice } from './stridedSlice.js';
import { sub } from './sub.js';
import { sum } from './sum.js';
import { tanh } from './tanh.js';
import { tile } from './tile.js';
import { transpose } from './transpose.js';
import { unsortedSegmentSum } from './unsortedSegmentSum.js';

/** Every kernel that `registerKernels` brings. */
export const KERNELS: readonly Kernel[] = [
  activationGrad,
  adam,
  add,
  all,
  any,
  avgPool,
  avgPoolGrad,
  batchMatMul,
  batchNormGrad,
  batchNormTrain,
  broadcast,
  cast,
  clipByValue,
  concat,
  conv2D,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  depthwiseConv2dNative,
  depthwiseConv2dNativeBackpropFilter,
  depthwiseConv2dNativeBackpropInput,
  exp,
  fusedBatchNorm,
  fusedConv2D,
  fusedDepthwiseConv2D,
  fusedMatMul,
  identity,
  max,
  maximum,
  maxPool,
  maxPoolGrad,
  maxPoolWithArgmax,
  maxUnpool,
  maxUnpoolGrad,
  mean,
  min,
  minimum,
  momentum,
  multiply,
  oneHot,
  padV2,
  prod,
  relu,
  relu6,
  resizeBilinearGrad,
  resizeNearestNeighbor,
  resizeNearestNeighborGrad,
  reverse,
  rMSProp,
  slice,
  softplus,
  splitV,
  stridedSlice,
  sub,
  sum,
  tanh,
  tile,
  transpose,
  unsortedSegmentSum,
];
