export { OptionError } from './core/args.js';
export { setSeed } from './core/random.js';
export {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
  type CroppedConv2DTransposeOptions,
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
  recalibrate,
  UpdateOps,
  withUpdates,
} from './norm/index.js';
export {
  cosine,
  type DataSet,
  type EpochLogs,
  type LossFunction,
  type Samples,
  type Schedule,
  type StepLogs,
  stepDecay,
  type TrainLoopOptions,
  type TrainResult,
  type TrainStepOptions,
  trainLoop,
  trainStep,
  warmUp,
} from './train/index.js';
export {
  type Cubic,
  type Interpolation,
  Upsample2D,
  type Upsample2DArgs,
} from './upsample/index.js';
