import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onBackends } from './support/backends.js';

onBackends(['wasm'], () => {
  it('is cross-origin isolated, so that WASM has the threaded build and shared memory', () => {
    expect(crossOriginIsolated).toBe(true);
    const { wasm } = engine().backend as unknown as { wasm: { wasmMemory: WebAssembly.Memory } };
    expect(wasm.wasmMemory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(getThreadsCount()).toBeGreaterThanOrEqual(1);
  });
});

onBackends(['webgl', 'webgpu'], (backend) => {
  it('computes on a context of its own', async () => {
    const { gpgpu, device } = engine().backend as unknown as Record<string, object>;
    expect(backend === 'webgl' ? gpgpu : device).toBeDefined();
  });
});
