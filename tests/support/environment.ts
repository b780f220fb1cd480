import { registerInNode } from '../../src/backend/dawn.js';

export type BackendName = 'cpu' | 'wasm' | 'webgl' | 'webgpu';

export const inBrowser = typeof document !== 'undefined';

// Set by the vitest project that has a graphics adapter in Node.
const onAdapter = !inBrowser && process.env.GPU_IN_NODE === 'yes';

/** The backends that the layer suites run on here; in a browser WASM has threads. */
export const BACKENDS: BackendName[] = inBrowser
  ? ['webgl', 'webgpu', 'wasm']
  : onAdapter
    ? ['webgpu']
    : ['cpu', 'wasm'];

/** Imports a backend and sets what a test needs of it. */
export async function prepareBackend(backend: BackendName): Promise<void> {
  await load[backend]();
}

const load: Record<BackendName, () => Promise<void>> = {
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
  },
  wasm: async () => {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    // Node finds the binaries by itself; vitest serves them to Chromium from here.
    if (!inBrowser) return;
    setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    // tfjs takes no more threads than half of the cores.
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4, configurable: true });
    setThreadsCount(2);
  },
  // Small tensors would silently be computed on the CPU otherwise.
  webgl: async () => {
    const { env } = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-webgl');
    env().set('WEBGL_CPU_FORWARD', false);
  },
  webgpu: async () => {
    const { env } = await import('@tensorflow/tfjs-core');
    if (onAdapter) registerInNode();
    await import('@tensorflow/tfjs-backend-webgpu');
    env().set('WEBGPU_CPU_FORWARD', false);
  },
};
