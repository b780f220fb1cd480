export type { DataSet, Samples } from './data.js';
export type { LossFunction } from './evaluate.js';
export type { EpochLogs } from './loopState.js';
export {
  Adam,
  type AdamArgs,
  Momentum,
  type MomentumArgs,
  RMSProp,
  type RMSPropArgs,
} from './optimizers/index.js';
export { PlannedStep } from './PlannedStep.js';
export { planTraining, type TrainingPlan } from './planTraining.js';
export { cosine, type Schedule, stepDecay, warmUp } from './schedules.js';
export { type TrainResult, trainLoop } from './trainLoop.js';
export type { StepLogs, TrainLoopOptions } from './trainLoopOptions.js';
export { type TrainStepOptions, trainStep } from './trainStep.js';
