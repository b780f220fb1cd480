import '@tensorflow/tfjs-backend-cpu';
import {
  engine,
  getBackend,
  registerKernel,
  removeBackend,
  setBackend,
  tensor1d,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { usualThreads } from '../../src/kernels/runtime/threads.js';
import { FakeBackend, fake, removeFakes, SilentBackend, spoil } from './fakes.js';

const never = new Promise<never>(() => {});

beforeEach(() => {
  vi.spyOn(console, 'warn');
});
afterEach(() => {
  removeFakes();
  expect(vi.mocked(console.warn).mock.calls, 'warnings').toEqual([]);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Why a backend was dropped on the way to WASM; checks that nothing of it is left. */
async function whyDropped(name: 'webgl' | 'webgpu', timeout = 2000): Promise<string> {
  const tensors = engine().state.numTensors;
  const report = await useBackend({ timeout });
  expect(report.name).toBe('wasm');
  expect(getBackend()).toBe('wasm');
  expect(engine().registry).not.toHaveProperty(name);
  expect(engine().registryFactory).toHaveProperty(name);
  expect(engine().state.numTensors).toBe(tensors);
  const attempt = report.tried.find((tried) => tried.name === name)!;
  expect(attempt.works).toBe(false);
  return attempt.why;
}

describe('useBackend', () => {
  it('reports WASM in Node: SIMD, threads, our kernels, and why not the others', async () => {
    expect(await useBackend()).toEqual({
      name: 'wasm',
      device: 'CPU',
      simd: true,
      threads: usualThreads(),
      kernels: 'simd',
      tried: [
        {
          name: 'webgpu',
          works: false,
          why: "'@tensorflow/tfjs-backend-webgpu' is not imported, or can't run here at all",
        },
        {
          name: 'webgl',
          works: false,
          why: "'@tensorflow/tfjs-backend-webgl' is not imported, or can't run here at all",
        },
        { name: 'wasm', works: true, why: 'a convolution and its gradients came out right' },
      ],
    });
  });

  it('takes the first that works', async () => {
    fake('webgl', () => new FakeBackend());
    fake('webgpu', async () => new FakeBackend());
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({}) } });
    const { name, kernels, tried } = await useBackend();
    expect([name, kernels, tried.length]).toEqual(['webgpu', 'stock', 1]);
  });

  it('takes what is preferred', async () => {
    fake('webgl', () => new FakeBackend());
    expect((await useBackend({ prefer: 'cpu' })).name).toBe('cpu');
    expect(vi.mocked(console.warn).mock.calls.join()).toContain('install our node backend');
    vi.mocked(console.warn).mockClear();
  });

  it('starts each backend once when called twice at once', async () => {
    const factory = vi.fn(() => new FakeBackend());
    fake('webgl', factory);
    const reports = await Promise.all([useBackend(), useBackend()]);
    expect(reports.map(({ name }) => name)).toEqual(['webgl', 'webgl']);
    expect(factory).toHaveBeenCalledOnce();
  });
});

describe('useBackend drops a backend', () => {
  it('whose factory throws', async () => {
    fake('webgl', () => {
      throw new Error('no context');
    });
    expect(await whyDropped('webgl')).toBe('no context');
  });

  it('whose factory rejects', async () => {
    fake('webgl', () => Promise.reject({ message: 'aborted' }));
    expect(await whyDropped('webgl')).toBe('aborted');
  });

  it('that has no adapter', async () => {
    fake('webgpu', async () => new FakeBackend());
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    expect(await whyDropped('webgpu')).toBe(
      "there is no graphics adapter (on Linux a driver and the Vulkan loader, 'libvulkan1', are needed)",
    );
  });

  it('that does not start in time, and disposes of it when it comes late', async () => {
    const late = new FakeBackend();
    let arrive = (_: FakeBackend) => {};
    fake('webgl', () => new Promise((resolve) => (arrive = resolve)));
    expect(await whyDropped('webgl', 1000)).toBe('no answer within 1000 ms');
    arrive(late);
    await vi.waitFor(() => expect(late.disposed).toBe(true));
    expect(getBackend()).toBe('wasm');
  });

  it('whose results never come', async () => {
    const silent = new SilentBackend();
    fake('webgl', () => silent);
    expect(await whyDropped('webgl', 1000)).toBe('no answer within 1000 ms');
    expect(silent.disposed).toBe(true);
  });

  it('whose convolution is wrong', async () => {
    fake('webgl', () => new FakeBackend());
    spoil('webgl', 'Conv2D');
    expect(await whyDropped('webgl')).toBe('a convolution is wrong: element 0 is 5, not 4');
  });

  it('whose input gradient is wrong', async () => {
    fake('webgl', () => new FakeBackend());
    spoil('webgl', 'Conv2DBackpropInput');
    expect(await whyDropped('webgl')).toBe(
      "a convolution's input gradient is wrong: element 0 is 5, not 4",
    );
  });

  it('whose filter gradient is wrong', async () => {
    fake('webgl', () => new FakeBackend());
    spoil('webgl', 'Conv2DBackpropFilter');
    expect(await whyDropped('webgl')).toBe(
      "a convolution's filter gradient is wrong: element 0 is 6, not 5",
    );
  });

  it('that cannot train', async () => {
    fake('webgl', () => new FakeBackend());
    unregisterKernel('Conv2DBackpropFilter', 'webgl');
    expect(await whyDropped('webgl')).toBe(
      "Kernel 'Conv2DBackpropFilter' not registered for backend 'webgl'",
    );
  });

  it('whose kernels cannot be set up, even if it cannot be disposed of', async () => {
    fake('webgl', () => {
      const backend = new FakeBackend();
      backend.dispose = () => {
        throw new Error('context lost');
      };
      return backend;
    });
    const setUp = { kernelName: 'Refusal', backendName: 'webgl', kernelFunc: () => [] };
    registerKernel({
      ...setUp,
      setupFunc: () => {
        throw new Error('no shaders');
      },
    });
    expect(await whyDropped('webgl')).toBe('no shaders');
    unregisterKernel('Refusal', 'webgl');
  });

  it('and takes it when it works the next time', async () => {
    let works = false;
    fake('webgl', () => {
      if (!works) throw new Error('not yet');
      return new FakeBackend();
    });
    await whyDropped('webgl');
    works = true;
    expect((await useBackend()).name).toBe('webgl');
  });

  it('but leaves it its tensors if somebody started it earlier', async () => {
    fake('webgl', () => new FakeBackend());
    spoil('webgl', 'Conv2D');
    await setBackend('webgl');
    const theirs = tensor1d([1, 2]);
    expect((await useBackend()).name).toBe('wasm');
    expect(await theirs.data()).toEqual(new Float32Array([1, 2]));
    theirs.dispose();
  });
});

describe('useBackend after a start by somebody else', () => {
  it('waits for one that is under way', async () => {
    const factory = vi.fn(
      () => new Promise<FakeBackend>((resolve) => setTimeout(resolve, 50, new FakeBackend())),
    );
    fake('webgl', factory);
    const theirs = setBackend('webgl');
    expect((await useBackend()).name).toBe('webgl');
    expect(await theirs).toBe(true);
    expect(factory).toHaveBeenCalledOnce();
  });

  it('gives up one that hangs', async () => {
    fake('webgl', () => never);
    setBackend('webgl');
    expect(await whyDropped('webgl', 1000)).toBe('no answer within 1000 ms');
  });

  it('gets over one that failed', async () => {
    vi.mocked(console.warn).mockImplementation(() => {});
    fake('webgl', () => Promise.reject(new Error('no context')));
    expect(await setBackend('webgl')).toBe(false);
    expect(getBackend()).toBe('webgl');
    vi.mocked(console.warn).mockClear();
    expect(await whyDropped('webgl')).toBe('no context');
  });
});

describe('useBackend when nothing works', () => {
  const noCpu = async (test: () => Promise<void>) => {
    const { factory, priority } = engine().registryFactory.cpu!;
    removeBackend('cpu');
    await test();
    engine().registerBackend('cpu', factory, priority);
  };

  it('says what was tried, why each failed, and what to do', async () => {
    removeBackend('wasm');
    await noCpu(async () => {
      fake('webgl', () => new SilentBackend());
      await expect(useBackend({ timeout: 500 })).rejects.toThrow(
        [
          'useBackend: no backend works here.',
          "  webgpu: '@tensorflow/tfjs-backend-webgpu' is not imported, or can't run here at all",
          '  webgl: no answer within 500 ms',
          "  wasm: '@tensorflow/tfjs-backend-wasm' is not imported, or can't run here at all",
          "  cpu: '@tensorflow/tfjs-backend-cpu' is not imported, or can't run here at all",
          "Import '@tensorflow/tfjs-backend-cpu', which runs everywhere; for a fast one, see that the .wasm",
          'files of tfjs-backend-wasm are served, and say where with the option wasmPaths.',
        ].join('\n'),
      );
      expect(getBackend()).toBeNull();
    });
  });

  it('goes back to the backend that was active', async () => {
    await noCpu(async () => {
      fake('webgpu', () => new SilentBackend());
      await setBackend('webgpu');
      fake('webgl', () => new FakeBackend());
      spoil('webgl', 'Conv2D');
      await expect(useBackend({ timeout: 500 })).rejects.toThrow('no backend works');
      expect(getBackend()).toBe('webgpu');
    });
  });
});
