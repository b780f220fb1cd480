export { OptionError } from './core/args.js';
export {
  BatchNorm,
  type BatchNormArgs,
  type BatchNormOptions,
  UpdateOps,
  withUpdates,
} from './norm/index.js';
export { type TrainStepOptions, trainStep } from './train/index.js';
