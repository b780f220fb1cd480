export {
  type KernelMode,
  type RegisterKernelsOptions,
  registerKernels,
} from './registerKernels.js';
