import { activations } from './activations.js';
import { fusedBatchNorm } from './fusedBatchNorm.js';
import type { Gradient } from './gradient.js';

/** Every gradient that `registerKernels` replaces. */
export const GRADIENTS: readonly Gradient[] = [...activations, fusedBatchNorm];
