export { BatchNorm } from './BatchNorm.js';
export type { BatchNormArgs, BatchNormOptions } from './batchNormOptions.js';
export { type BatchNormFinding, checkBatchNorm } from './checkBatchNorm.js';
export {
  type Batches,
  type InputBatch,
  type RecalibrateOptions,
  type RecalibrateProgress,
  recalibrate,
} from './recalibrate.js';
export type { RenormClipping } from './renorm.js';
export { UpdateOps } from './UpdateOps.js';
export { withUpdates } from './withUpdates.js';
