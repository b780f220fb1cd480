import { describe, expect, it } from 'vitest';
import { type BackendOptions, useBackend } from '../../src/backend/index.js';
import { readOptions } from '../../src/backend/options.js';

describe('useBackend refuses', () => {
  const refused: [unknown, string][] = [
    [{ prefer: 'gpu' }, "prefer must be one of 'webgpu', 'webgl', 'wasm', 'cpu', got 'gpu'"],
    [{ timeout: 0 }, 'timeout must be a positive integer, got 0'],
    [{ threads: 1.5 }, 'threads must be an integer from 1 to 64, got 1.5'],
    [{ threads: 0 }, 'threads must be an integer from 1 to 64, got 0'],
    [{ threads: 65 }, 'threads must be an integer from 1 to 64, got 65'],
    [{ threads: 'all' }, "threads must be an integer from 1 to 64, got 'all'"],
    [{ workerUrl: 7 }, 'workerUrl must be a URL, got 7'],
    [{ workerUrl: '' }, "workerUrl must be a URL, got ''"],
    [
      { wasmPaths: 7 },
      "wasmPaths must be a folder that ends with '/' or an object of files, got 7",
    ],
    [
      { wasmPaths: '/wasm' },
      "wasmPaths must be a folder that ends with '/' or an object of files, got '/wasm'",
    ],
    [
      { wasmPaths: { 'tfjs.wasm': '/a.wasm' } },
      "wasmPaths must be one of 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', " +
        "'tfjs-backend-wasm-threaded-simd.wasm', got 'tfjs.wasm'",
    ],
    [
      { wasmPaths: { 'tfjs-backend-wasm.wasm': 1 } },
      "wasmPaths['tfjs-backend-wasm.wasm'] must be a path or URL, got 1",
    ],
  ];
  it.each(refused)('%j', async (options, message) => {
    await expect(useBackend(options as BackendOptions)).rejects.toThrow(`useBackend: ${message}`);
  });
});

describe('the order', () => {
  it('is WebGPU, WebGL, WASM, CPU', () => {
    expect(readOptions({}).order).toEqual(['webgpu', 'webgl', 'wasm', 'cpu']);
  });

  it('begins with what is preferred, each backend once', () => {
    expect(readOptions({ prefer: 'wasm' }).order).toEqual(['wasm', 'webgpu', 'webgl', 'cpu']);
    expect(readOptions({ prefer: ['cpu', 'webgl', 'cpu'] }).order).toEqual([
      'cpu',
      'webgl',
      'webgpu',
      'wasm',
    ]);
  });
});
