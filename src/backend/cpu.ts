import type { Starter } from './starter.js';

export const cpu: Starter = {
  package: '@tensorflow/tfjs-backend-cpu',
  create: async (factory) => factory(),
  describe: async () => ({ device: 'CPU', simd: false, threads: 1, kernels: 'stock' }),
};
