export { type KernelMode, registerKernels } from './registerKernels.js';
