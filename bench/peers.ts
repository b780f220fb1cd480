import {
  getKernel,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { conv2DBackpropFilter } from '../src/kernels/convolution/conv2DBackpropFilter.js';
import { conv2DBackpropInput } from '../src/kernels/convolution/conv2DBackpropInput.js';
import { registerKernels } from '../src/kernels/index.js';

const composed = [conv2DBackpropFilter, conv2DBackpropInput];

/** Runs `work` with our kernels. */
export function withOurs<T>(work: () => T): T {
  const restore = registerKernels();
  try {
    return work();
  } finally {
    restore();
  }
}

/**
 * Best stock: stock kernels, and the two gradients of a convolution composed of them, one of which
 * stock lacks and the other has many times slower. Returns what takes them out.
 */
export function registerBestStock(): () => void {
  const before: KernelConfig[] = [];
  for (const kernel of composed) {
    const stock = getKernel(kernel.kernelName, 'wasm');
    if (stock) {
      before.push(stock);
      unregisterKernel(kernel.kernelName, 'wasm');
    }
    registerKernel({
      kernelName: kernel.kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => kernel.composed!(inputs as never, attrs as never),
    });
  }
  return () => {
    for (const { kernelName } of composed) unregisterKernel(kernelName, 'wasm');
    for (const stock of before) registerKernel(stock);
  };
}
