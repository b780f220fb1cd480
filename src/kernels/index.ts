export { registerKernels } from './registerKernels.js';
