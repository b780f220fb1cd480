import '@tensorflow/tfjs-backend-cpu';
import { expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';

it('useBackend takes a path after a start without one, when tfjs itself takes none any more', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
  // tfjs looks beside the page, where nothing is.
  const { tried } = await useBackend({ prefer: ['wasm', 'cpu'] });
  expect(tried[0]!.why).toContain('fetching of the wasm failed');

  const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
  const { name, threads, kernels } = await useBackend({ prefer: 'wasm', wasmPaths, threads: 2 });
  expect([name, threads, kernels]).toEqual(['wasm', 2, 'simd']);
});
