import { node } from '../core/node.js';
import { registerInNode } from './dawn.js';
import type { Starter } from './starter.js';

const NO_ADAPTER_IN_NODE =
  "there is no graphics adapter (on Linux a driver and the Vulkan loader, 'libvulkan1', are needed)";

export const webgpu: Starter = {
  package: '@tensorflow/tfjs-backend-webgpu',
  register({ preferred }) {
    if (node && preferred.includes('webgpu')) registerInNode();
  },
  async create(factory, _request, before) {
    // tfjs doesn't look whether it got an adapter, and then fails with a TypeError.
    if (!(await before(navigator.gpu.requestAdapter()))) {
      throw new Error(node ? NO_ADAPTER_IN_NODE : 'the browser has WebGPU, but gives no adapter');
    }
    return factory();
  },
  async describe() {
    const info = (await navigator.gpu.requestAdapter())?.info;
    const names = [info?.vendor, info?.architecture, info?.description].filter(Boolean);
    return { device: names.join(' ') || 'WebGPU', simd: false, threads: 1, kernels: 'stock' };
  },
};
