export { OptionError } from './core/args.js';
export { setSeed } from './core/random.js';
export {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
  type CroppedConv2DTransposeOptions,
} from './layers/index.js';
export {
  BatchNorm,
  type BatchNormArgs,
  type BatchNormOptions,
  UpdateOps,
  withUpdates,
} from './norm/index.js';
export { type TrainStepOptions, trainStep } from './train/index.js';
export {
  type Cubic,
  type Interpolation,
  Upsample2D,
  type Upsample2DArgs,
} from './upsample/index.js';
