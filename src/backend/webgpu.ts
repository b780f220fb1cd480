import type { Starter } from './starter.js';

export const webgpu: Starter = {
  package: '@tensorflow/tfjs-backend-webgpu',
  async create(factory, _request, before) {
    // tfjs doesn't look whether it got an adapter, and then fails with a TypeError.
    if (!(await before(navigator.gpu.requestAdapter()))) {
      throw new Error('the browser has WebGPU, but gives no adapter');
    }
    return factory();
  },
  async describe() {
    const info = (await navigator.gpu.requestAdapter())?.info;
    const names = [info?.vendor, info?.architecture, info?.description].filter(Boolean);
    return { device: names.join(' ') || 'WebGPU', simd: false, threads: 1, kernels: 'stock' };
  },
};
