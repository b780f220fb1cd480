import { afterEach, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { kernelModule } from '../../src/kernels/runtime/module.js';

afterEach(() => vi.restoreAllMocks());

it('on an engine without SIMD useBackend takes the plain build, with composed kernels', async () => {
  // Both tfjs and this library ask the engine so.
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  const { name, simd, threads, kernels } = await useBackend();
  expect({ name, simd, threads, kernels }).toEqual({
    name: 'wasm',
    simd: false,
    threads: 1,
    kernels: 'composed',
  });
  expect([kernelModule(false), kernelModule(true)]).toEqual([null, null]);
});
