/**
 * Layers, blocks, residual networks, decoders, batch normalisation and training.
 *
 * @module tfjs-blocks
 */

export {
  type AutoencoderOptions,
  autoencoder,
  BasicBlock,
  type BasicBlockArgs,
  type Biases,
  type BlockKind,
  Bottleneck,
  type BottleneckArgs,
  endPoints,
  type LayerCost,
  type MirrorHandler,
  type MirrorOptions,
  type MirrorPlace,
  type ModelCost,
  type ModelCostOptions,
  mirror,
  modelCost,
  type NormalizationArgs,
  type Preset,
  type ResidualArgs,
  type ResidualOptions,
  type ResNetArgs,
  type ResNetConventions,
  resNetV1,
  resNetV2,
  type Shortcut,
  type Stem,
  type StridedPadding,
} from './blocks/index.js';
export { OptionError } from './core/args.js';
export type {
  ConstraintIdentifier,
  InitializerIdentifier,
  RegularizerIdentifier,
} from './core/identify.js';
export { seeded } from './core/identify.js';
export type { Shape } from './core/inputs.js';
export { setSeed } from './core/random.js';
export type { Padding } from './core/shape.js';
export {
  Conv2DSame,
  type Conv2DSameArgs,
  type Conv2DSameOptions,
  type ConvArgs,
  type ConvOptions,
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
  type CroppedConv2DTransposeOptions,
  MaxPool2DSame,
  type MaxPool2DSameArgs,
} from './layers/index.js';
export {
  type Batches,
  BatchNorm,
  type BatchNormArgs,
  type BatchNormFinding,
  type BatchNormOptions,
  checkBatchNorm,
  type InputBatch,
  type RecalibrateOptions,
  type RecalibrateProgress,
  type RenormClipping,
  recalibrate,
  UpdateOps,
  withUpdates,
} from './norm/index.js';
export { registerLayers } from './registerLayers.js';
export {
  Adam,
  type AdamArgs,
  cosine,
  type DataSet,
  type EpochLogs,
  type LossFunction,
  Momentum,
  type MomentumArgs,
  PlannedStep,
  planTraining,
  RMSProp,
  type RMSPropArgs,
  type Samples,
  type Schedule,
  type StepLogs,
  stepDecay,
  type TrainingPlan,
  type TrainLoopOptions,
  type TrainResult,
  type TrainStepOptions,
  trainLoop,
  trainStep,
  warmUp,
} from './train/index.js';
export {
  AverageUnpool2D,
  type AverageUnpool2DArgs,
  type AverageUnpool2DOptions,
  type Cubic,
  type Interpolation,
  MaxPoolWithArgmax2D,
  type MaxPoolWithArgmax2DArgs,
  MaxUnpool2D,
  type MaxUnpool2DArgs,
  type MaxUnpool2DOptions,
  PixelShuffle2D,
  PixelUnshuffle2D,
  type PoolArgs,
  type PoolOptions,
  type PoolPadding,
  type ShuffleArgs,
  type ShuffleOptions,
  type ShuffleOrder,
  Upsample2D,
  type Upsample2DArgs,
  type Upsample2DOptions,
} from './upsample/index.js';
