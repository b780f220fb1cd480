import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { forgetBackends } from '../support/backends.js';

afterEach(() => {
  vi.restoreAllMocks();
  forgetBackends();
});

describe('useBackend in Chromium', () => {
  it('takes WebGPU, and names its adapter', async () => {
    const { name, device, tried } = await useBackend();
    expect([name, tried.length]).toEqual(['webgpu', 1]);
    expect(device).toMatch(/swiftshader|\w+ \w+/);
    expect(engine().state.numTensors).toBe(0);
  });

  it('takes WebGL when WebGPU gives no adapter, and names its renderer', async () => {
    vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
    const { name, device, tried } = await useBackend();
    expect(name).toBe('webgl');
    expect(tried[0]!.why).toBe('the browser has WebGPU, but gives no adapter');
    expect(device).toMatch(/ANGLE|SwiftShader/);
    expect(engine().state.numTensors).toBe(0);
  });
});
