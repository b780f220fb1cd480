export { pad_f32, widen_f32, zero_f32 } from './pad';
export { packPanels_f32, packTaps_f32, transpose_f32 } from './pack';
export { conv_f32_narrow } from './convNarrow';
export { convPlanes_f32 } from './convPlanes';
export { conv_f32 } from './conv';
export { conv_f32_wide } from './convWide';
export { strassen_f32, strassenFilter_f32 } from './strassen';
export { rowProduct_f32 } from './rowProduct';
export { product_i32 } from './product';
export {
  turnFilter_f32,
  winograd_f32,
  winogradFilter_f32,
  winogradInput_f32,
  winogradPanels_f32,
} from './winograd';
export { winogradKept_f32, winogradKeptFilter_f32, winogradKeptInput_f32 } from './winogradKept';
export {
  winogradGroups_f32,
  winogradParts_f32,
  winogradSums_f32,
  winogradTiles_f32,
  winogradUnpack_f32,
} from './winogradGradient';
export { convFilter_f32, unpackFilter_f32 } from './convFilter';
export { slope_f32 } from './slope';
export {
  bnConstants_f32,
  bnFinish_f32,
  bnMoments_f32,
  bnNormalize_f32,
  bnShift_f32,
} from './batchNorm';
export { bnGrad_f32, bnGradFinish_f32, bnGradSums_f32 } from './batchNormGrad';
export { fill_32, fill_8 } from './fill';
export { oneHot_32, oneHot_8 } from './oneHot';
export { sum_f32 } from './sum';
export { copy_32, repeat_32, transpose_32 } from './copy';
export { adam_f32, descend_f32, momentum_f32, rmsProp_f32 } from './optimize';
export { argmaxPool_f32 } from './argmaxPool';
export { avgPool_f32, maxPool_f32, sumPool_f32 } from './pool';
export { avgPoolGrad_f32, maxPoolGrad_f32 } from './poolGrad';
export { maxUnpoolGrad_f32, maxUnpool_f32 } from './unpool';
export { depthwiseFilter_f32, depthwiseInput_f32 } from './depthwise';
export { depthwise_f32 } from './depthwiseForward';
export {
  resizeGrad_f32,
  resizeNearest_f32,
  resizePlaces_f32,
  resizeShares_f32,
} from './resize';
export { resizeGradDouble_f32 } from './resizeDouble';
export { clip_f32, clip_i32 } from './clip';
export { elementary_f32 } from './elementary';
export { segmentSum_32 } from './segment';
export { binary_f32, broadcast_f32 } from './binary';
export { awaitJob, awaitUnits, claim, dismiss, enlist, finish, publish } from './jobs';
