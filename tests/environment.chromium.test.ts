import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { engine, env } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kernelThreads } from '../src/kernels/registerKernels.js';
import { onBackends } from './support/backends.js';

onBackends(['wasm'], () => {
  it('is cross-origin isolated, so that WASM has the threaded build and shared memory', () => {
    expect(crossOriginIsolated).toBe(true);
    const { wasm } = engine().backend as unknown as { wasm: { wasmMemory: WebAssembly.Memory } };
    expect(wasm.wasmMemory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(getThreadsCount()).toBe(2);
  });

  it('runs our kernels on several threads', async () => {
    expect(await kernelThreads()).toBeGreaterThan(1);
  });
});

onBackends(['webgl', 'webgpu'], (backend) => {
  it('computes on the graphics adapter, small tensors too', () => {
    const { gpgpu, device } = engine().backend as unknown as Record<string, object>;
    expect(backend === 'webgl' ? gpgpu : device).toBeDefined();
    expect(env().getBool(`${backend.toUpperCase()}_CPU_FORWARD`)).toBe(false);
  });
});
