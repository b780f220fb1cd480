import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import {
  conv2d,
  engine,
  getBackend,
  grad,
  ones,
  setBackend,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BackendOptions, useBackend } from '../../src/backend/index.js';
import { sharing } from '../../src/kernels/runtime/functions.js';
import { forgetBackends } from '../support/backends.js';
import { noise } from '../support/float64.js';

const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

afterEach(() => {
  vi.restoreAllMocks();
  forgetBackends();
});

describe('useBackend in Chromium without a graphics card', () => {
  it('takes WASM with as many threads as asked for, on a shared memory', async () => {
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
    vi.spyOn(OffscreenCanvas.prototype, 'getContext').mockReturnValue(null);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { tried, ...report } = await useBackend({ wasmPaths, threads: 3 });
    expect(report).toEqual({
      ...{ name: 'wasm', device: 'CPU', simd: true, threads: 3, kernels: 'simd' },
    });
    expect(tried[1]!.why).toBe('WebGL is not supported on this device');
    const { wasm } = engine().backend as unknown as { wasm: { wasmMemory: WebAssembly.Memory } };
    expect(wasm.wasmMemory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('takes WASM without threads for one', async () => {
    const report = await useBackend({ prefer: 'wasm', wasmPaths, threads: 1 });
    expect(report).toMatchObject({ name: 'wasm', threads: 1, kernels: 'simd' });
    const { wasm } = engine().backend as unknown as { wasm: { wasmMemory?: WebAssembly.Memory } };
    expect(wasm.wasmMemory).toBe(undefined);
  });

  it('goes on with one thread when the workers can not be had, and says why', async () => {
    for (const [workerUrl, timeout] of [
      ['/answers-500/worker.js', 60_000],
      ['/never-answers/worker.js', 4000],
    ] as const) {
      const options = { prefer: 'wasm', wasmPaths, threads: 2, workerUrl, timeout } as const;
      const { name, threads, whyOneThread } = await useBackend(options);
      expect([name, threads]).toEqual(['wasm', 1]);
      expect(whyOneThread).toMatch(
        /^(a worker from \/answers-500\/worker\.js has failed|no answer within 2000 ms)/,
      );
      forgetBackends();
    }
  });
});

describe('threads in Chromium', () => {
  const gradient = () => {
    const result = tidy(() => {
      const values = noise(4 * 20 * 20 * 8);
      const x = tensor4d([...values], [4, 20, 20, 8]);
      const f = (w: Tensor4D) => conv2d(x, w, 1, 'same');
      return grad(f as never)(ones([3, 3, 8, 16]));
    });
    const data = result.data();
    result.dispose();
    return data;
  };

  it('compute what one thread does, to the last bit, and end with the backend', async () => {
    await useBackend({ prefer: 'wasm', wasmPaths, threads: 1 });
    const alone = await gradient();
    forgetBackends();
    const { threshold } = sharing;
    sharing.threshold = 0;
    try {
      await useBackend({ prefer: 'wasm', wasmPaths, threads: 2 });
      for (let i = 0; i < 25; i++) expect(await gradient()).toEqual(alone);
      const terminate = vi.spyOn(Worker.prototype, 'terminate');
      engine().reset();
      expect(terminate).toHaveBeenCalledOnce();
      await setBackend('wasm');
      expect(await gradient()).toEqual(alone);
    } finally {
      sharing.threshold = threshold;
    }
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
    expect(why).toBe('/answers-500/tfjs-backend-wasm-simd.wasm: the server answered 500');
  });

  it('when the server answers with a page', async () => {
    const why = await whyDropped({ wasmPaths: '/answers-page/' });
    expect(why).toContain('is not a WebAssembly file (a page in its place, perhaps)');
  });
});
