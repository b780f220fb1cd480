/**
 * WASM kernels with which any model of tfjs trains.
 *
 * @module tfjs-blocks/kernels
 */

export {
  type KernelMode,
  type RegisterKernelsOptions,
  registerKernels,
} from './registerKernels.js';
