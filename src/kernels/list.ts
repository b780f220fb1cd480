import { activationGrad } from './activationGrad.js';
import { batchNormGrad } from './batchNormGrad.js';
import { batchNormTrain } from './batchNormTrain.js';
import { cast } from './cast.js';
import { conv2DBackpropFilter } from './conv2DBackpropFilter.js';
import { conv2DBackpropInput } from './conv2DBackpropInput.js';
import { fusedBatchNorm } from './fusedBatchNorm.js';
import { identity } from './identity.js';
import type { Kernel } from './kernel.js';
import { mean } from './mean.js';
import { sum } from './sum.js';

/** Every kernel that `registerKernels` brings. */
export const KERNELS: readonly Kernel[] = [
  activationGrad,
  batchNormGrad,
  batchNormTrain,
  cast,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  fusedBatchNorm,
  identity,
  mean,
  sum,
];
