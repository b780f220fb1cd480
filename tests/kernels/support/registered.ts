import { setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll } from 'vitest';
import { registerKernels } from '../../../src/kernels/index.js';
import { prepareBackend } from '../../support/environment.js';

/**
 * Runs the tests of a block on the WASM backend with our kernels, and puts stock's back after them.
 * `onStock` does some work on stock's meanwhile.
 */
export function onOurKernels(): { onStock<T>(work: () => T): T } {
  let restore: () => void;
  beforeAll(async () => {
    await prepareBackend('wasm');
    restore = registerKernels();
    await setBackend('wasm');
  });
  afterAll(() => restore());
  return {
    onStock(work) {
      restore();
      try {
        return work();
      } finally {
        restore = registerKernels();
      }
    },
  };
}
