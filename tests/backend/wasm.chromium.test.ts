import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import { engine, getBackend } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BackendOptions, useBackend } from '../../src/backend/index.js';
import { forgetBackends } from '../support/backends.js';

const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

afterEach(() => {
  vi.restoreAllMocks();
  forgetBackends();
});

describe('useBackend in Chromium without a graphics card', () => {
  it('takes WASM, with shared memory', async () => {
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
    vi.spyOn(OffscreenCanvas.prototype, 'getContext').mockReturnValue(null);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { name, simd, threads, kernels, tried } = await useBackend({ wasmPaths, threads: 1 });
    expect({ name, simd, threads, kernels }).toEqual({
      name: 'wasm',
      simd: true,
      threads: 1,
      kernels: 'simd',
    });
    expect(tried[1]!.why).toBe('WebGL is not supported on this device');
    const { wasm } = engine().backend as unknown as { wasm: { wasmMemory: WebAssembly.Memory } };
    expect(wasm.wasmMemory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe('useBackend drops WASM', () => {
  /** Why, on the way to CPU. */
  async function whyDropped(options: BackendOptions): Promise<string> {
    const { name, tried } = await useBackend({ prefer: ['wasm', 'cpu'], ...options });
    expect([name, getBackend()]).toEqual(['cpu', 'cpu']);
    return tried[0]!.why;
  }

  it('when the server never answers', async () => {
    const why = await whyDropped({ wasmPaths: '/never-answers/', timeout: 1000 });
    expect(why).toBe('no answer within 1000 ms');
  });

  it('when the server stalls in the middle of the file', async () => {
    const why = await whyDropped({ wasmPaths: '/stalls/', timeout: 1000 });
    expect(why).toBe('no answer within 1000 ms');
  });

  it('when the server has an error', async () => {
    const why = await whyDropped({ wasmPaths: '/answers-500/' });
    expect(why).toBe('/answers-500/tfjs-backend-wasm-threaded-simd.wasm: the server answered 500');
  });

  it('when the server answers with a page', async () => {
    const why = await whyDropped({ wasmPaths: '/answers-page/' });
    expect(why).toContain('is not a WebAssembly file (a page in its place, perhaps)');
  });
});
