import { fromInstalled } from '../core/node.js';

/** What is used of the npm package `webgpu`. */
interface Dawn {
  create(flags: string[]): GPU;
  globals: object;
}

const BACKEND = '@tensorflow/tfjs-backend-webgpu';

/**
 * Gives Node WebGPU, by the npm package `webgpu` (which is Dawn), and loads tfjs's backend, which registers
 * itself where there is WebGPU. Throws, saying what to install, where one of the packages is missing.
 */
export function registerInNode(): void {
  if (!globalThis.navigator?.gpu) {
    const { create, globals } = load('webgpu') as Dawn;
    Object.assign(globalThis, globals);
    const gpu = { value: create([]), configurable: true };
    // Node has a `navigator` since version 21.
    if (globalThis.navigator) Object.defineProperty(navigator, 'gpu', gpu);
    else {
      const value = Object.defineProperty({}, 'gpu', gpu);
      Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
    }
  }
  load(BACKEND);
}

function load(name: string): unknown {
  const loaded = fromInstalled((require) => require(name));
  if (!loaded) throw new Error(`Node needs the packages webgpu and ${BACKEND}: npm install them`);
  return loaded;
}
