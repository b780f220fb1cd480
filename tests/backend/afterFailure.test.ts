import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { BINARIES } from '../../src/backend/options.js';
import { forgetBackends } from '../support/backends.js';

describe('after a failed start by somebody else, when tfjs takes no path any more', () => {
  beforeAll(async () => {
    const quiet = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    for (const log of quiet) log.mockImplementation(() => {});
    const nowhere = Object.fromEntries(BINARIES.map((name) => [name, `/nowhere/${name}`]));
    setWasmPaths(nowhere);
    expect(await setBackend('wasm')).toBe(false);
    for (const log of quiet) log.mockRestore();
    expect(() => setWasmPaths(nowhere)).toThrow('already initialized');
  });
  afterEach(forgetBackends);

  it.each([1, 2])('useBackend starts WASM, threads: %i', async (count) => {
    const { name, threads, kernels } = await useBackend({ threads: count });
    expect([name, threads, kernels]).toEqual(['wasm', count, 'simd']);
    expect(getBackend()).toBe('wasm');
  });
});
