import { add, engine, memory, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, vi } from 'vitest';
import { registerKernels } from '../../src/kernels/index.js';
import { BACKENDS, type BackendName, inBrowser, prepareBackend } from './environment.js';

/**
 * Runs one suite on every backend of this environment: CPU and WASM in Node; WebGPU in Node, in a vitest
 * project of its own; WebGL, WebGPU and WASM with threads in Chromium. A test that leaks a tensor or logs
 * a warning fails.
 */
export function onEveryBackend(suite: (backend: BackendName) => void): void {
  onBackends(BACKENDS, suite);
}

/** Runs one suite on the named backends, in the same way. */
export function onBackends(
  backends: readonly BackendName[],
  suite: (backend: BackendName) => void,
): void {
  for (const backend of backends) {
    // tools/compatibility.ts reads where.
    describe(`on ${backend} in ${inBrowser ? 'Chromium' : 'Node'}`, () => {
      beforeAll(async () => {
        await prepareBackend(backend);
        // Stock WASM has no gradient of a convolution's filter.
        if (backend === 'wasm') registerKernels();
        if (!(await setBackend(backend))) throw new Error(`backend ${backend} did not start`);
        await ready();
        greet();
      });
      failOnLeaksAndWarnings();
      suite(backend);
    });
  }
}

/** Lets a backend's first operation print its greeting, which is no warning of ours. */
function greet(): void {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  add(1, 1).dispose();
  warn.mockRestore();
}

/** Makes every test of the surrounding `describe` fail when it leaks a tensor or warns. */
export function failOnLeaksAndWarnings(): void {
  let tensors = 0;
  beforeEach(() => {
    tensors = memory().numTensors;
    vi.spyOn(console, 'warn');
  });
  afterEach(() => {
    const warn = vi.mocked(console.warn);
    const warnings = warn.mock.calls.map((call) => call.join(' '));
    warn.mockRestore();
    expect(warnings, 'warnings').toEqual([]);
    expect(memory().numTensors - tensors, 'leaked tensors').toBe(0);
  });
}

/** Puts every backend back to how the import of its package left it: registered, not started. */
export function forgetBackends(): void {
  const tf = engine();
  for (const [name, { factory, priority }] of Object.entries(tf.registryFactory)) {
    tf.removeBackend(name);
    tf.registerBackend(name, factory, priority);
  }
}
