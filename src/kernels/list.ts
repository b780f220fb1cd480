import { conv2D } from './convolution/conv2D.js';
import { conv2DBackpropFilter } from './convolution/conv2DBackpropFilter.js';
import { conv2DBackpropInput } from './convolution/conv2DBackpropInput.js';
import { depthwiseConv2dNative } from './convolution/depthwiseConv2dNative.js';
import { depthwiseConv2dNativeBackpropFilter } from './convolution/depthwiseConv2dNativeBackpropFilter.js';
import { depthwiseConv2dNativeBackpropInput } from './convolution/depthwiseConv2dNativeBackpropInput.js';
import { fusedConv2D } from './convolution/fusedConv2D.js';
import { fusedDepthwiseConv2D } from './convolution/fusedDepthwiseConv2D.js';
import { activationGrad } from './elementwise/activationGrad.js';
import { add } from './elementwise/add.js';
import { broadcast } from './elementwise/broadcast.js';
import { cast } from './elementwise/cast.js';
import { clipByValue } from './elementwise/clipByValue.js';
import { exp } from './elementwise/exp.js';
import { identity } from './elementwise/identity.js';
import { maximum } from './elementwise/maximum.js';
import { minimum } from './elementwise/minimum.js';
import { multiply } from './elementwise/multiply.js';
import { relu } from './elementwise/relu.js';
import { relu6 } from './elementwise/relu6.js';
import { softplus } from './elementwise/softplus.js';
import { sub } from './elementwise/sub.js';
import { tanh } from './elementwise/tanh.js';
import type { Kernel } from './kernel.js';
import { concat } from './moves/concat.js';
import { oneHot } from './moves/oneHot.js';
import { padV2 } from './moves/padV2.js';
import { reverse } from './moves/reverse.js';
import { slice } from './moves/slice.js';
import { splitV } from './moves/splitV.js';
import { stridedSlice } from './moves/stridedSlice.js';
import { tile } from './moves/tile.js';
import { transpose } from './moves/transpose.js';
import { batchNormGrad } from './norm/batchNormGrad.js';
import { batchNormTrain } from './norm/batchNormTrain.js';
import { fusedBatchNorm } from './norm/fusedBatchNorm.js';
import { adam } from './optimizers/adam.js';
import { momentum } from './optimizers/momentum.js';
import { rMSProp } from './optimizers/rMSProp.js';
import { avgPool } from './pooling/avgPool.js';
import { avgPoolGrad } from './pooling/avgPoolGrad.js';
import { maxPool } from './pooling/maxPool.js';
import { maxPoolGrad } from './pooling/maxPoolGrad.js';
import { maxPoolWithArgmax } from './pooling/maxPoolWithArgmax.js';
import { maxUnpool } from './pooling/maxUnpool.js';
import { maxUnpoolGrad } from './pooling/maxUnpoolGrad.js';
import { batchMatMul } from './products/batchMatMul.js';
import { fusedMatMul } from './products/fusedMatMul.js';
import { all } from './reductions/all.js';
import { any } from './reductions/any.js';
import { max } from './reductions/max.js';
import { mean } from './reductions/mean.js';
import { min } from './reductions/min.js';
import { prod } from './reductions/prod.js';
import { sum } from './reductions/sum.js';
import { unsortedSegmentSum } from './reductions/unsortedSegmentSum.js';
import { resizeBilinearGrad } from './resizing/resizeBilinearGrad.js';
import { resizeNearestNeighbor } from './resizing/resizeNearestNeighbor.js';
import { resizeNearestNeighborGrad } from './resizing/resizeNearestNeighborGrad.js';

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
