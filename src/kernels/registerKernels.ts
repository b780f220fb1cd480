import {
  engine,
  getKernel,
  type KernelBackend,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { guardBackend, Heap } from './heap.js';
import type { Kernel } from './kernel.js';
import { KERNELS } from './list.js';

const BACKEND = 'wasm';

/** What the WASM backend runs on: our SIMD kernels, compositions of stock kernels, or stock alone. */
export type KernelMode = 'simd' | 'composed' | 'stock';

/** The kernels that were there before ours, by name; null while ours are not registered. */
let replaced: Map<string, KernelConfig | undefined> | null = null;
const guards = new Map<KernelBackend, () => void>();

/**
 * Makes every tfjs model train on the WASM backend, and faster: registers our kernels in place of
 * stock ones and of those that stock lacks, and makes running out of memory a clear error.
 *
 * Call it before or after `setBackend('wasm')`, once; again is harmless. It follows the backend when
 * tfjs makes a new one. Where the backend's memory can't be reached or SIMD is missing, the missing
 * kernels are composed of stock ones, so that training works all the same. Other backends are not
 * touched.
 *
 * Returns a function that puts the stock kernels back.
 *
 * ```js
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * import { registerKernels } from 'tfjs-blocks/kernels';
 *
 * registerKernels();
 * await tf.setBackend('wasm');
 * ```
 */
export function registerKernels(): () => void {
  if (!replaced) {
    replaced = new Map(KERNELS.map((kernel) => [kernel.kernelName, replace(kernel)]));
    const running = engine().registry[BACKEND];
    if (running) attach(running);
  }
  return restoreKernels;
}

/** What the running WASM backend, or the given one, computes with; for `useBackend`'s report. */
export function kernelMode(backend: KernelBackend = engine().registry[BACKEND]!): KernelMode {
  if (!replaced) return 'stock';
  return backend && Heap.of(backend) ? 'simd' : 'composed';
}

function restoreKernels(): void {
  if (!replaced) return;
  for (const [name, stock] of replaced) {
    unregisterKernel(name, BACKEND);
    if (stock) registerKernel(stock);
  }
  for (const unguard of guards.values()) unguard();
  guards.clear();
  replaced = null;
}

/** Registers one of ours and returns what was there. */
function replace(kernel: Kernel): KernelConfig | undefined {
  const { kernelName, run, composed } = kernel;
  const stock = getKernel(kernelName, BACKEND);
  // tfjs warns when a kernel is registered over another.
  if (stock) unregisterKernel(kernelName, BACKEND);
  registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: (call) => {
      const heap = Heap.of(call.backend as KernelBackend);
      if (heap) return run(heap, call.inputs as never, call.attrs as never);
      if (composed) return composed(call.inputs as never, call.attrs as never);
      return stock!.kernelFunc(call);
    },
    setupFunc: (backend) => {
      stock?.setupFunc?.(backend);
      attach(backend as KernelBackend);
    },
    disposeFunc: (backend) => {
      stock?.disposeFunc?.(backend);
      guards.delete(backend as KernelBackend);
    },
  });
  return stock;
}

function attach(backend: KernelBackend): void {
  if (!guards.has(backend)) guards.set(backend, guardBackend(backend));
}
