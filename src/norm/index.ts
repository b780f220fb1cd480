export { BatchNorm } from './BatchNorm.js';
export type { BatchNormArgs, BatchNormOptions } from './batchNormOptions.js';
export { UpdateOps } from './UpdateOps.js';
export { withUpdates } from './withUpdates.js';
