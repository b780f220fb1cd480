import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { env } from '@tensorflow/tfjs-core';
import { kernelMode } from '../kernels/registerKernels.js';
import { backendFromBytes } from './backendFromBytes.js';
import { installedBinaries, readBinary } from './binary.js';
import { BINARIES, type WasmBinary, type WasmPaths } from './options.js';
import type { Starter } from './starter.js';

export const wasm: Starter = {
  package: '@tensorflow/tfjs-backend-wasm',

  async create(factory, { threads, wasmPaths = installedBinaries() }, before) {
    if (threads !== undefined) setThreadsCount(threads);
    if (wasmPaths === undefined) return factory();
    // tfjs never gives up a download, and takes no second path after a failed one: so look first. Its
    // own download then comes from the browser's cache.
    await before(readBinary(pathOf(await chosenBinary(), wasmPaths)));
    return takesPaths(wasmPaths)
      ? factory()
      : backendFromBytes(await before(readBinary(pathOf(await unthreadedBinary(), wasmPaths))));
  },

  async describe() {
    return {
      device: 'CPU',
      simd: await hasSimd(),
      threads: getThreadsCount(),
      kernels: kernelMode(),
    };
  },
};

function pathOf(binary: WasmBinary, paths: WasmPaths): string {
  const path = typeof paths === 'string' ? paths + binary : paths[binary];
  if (path === undefined) throw new Error(`wasmPaths has no '${binary}', which is needed here`);
  return path;
}

async function hasSimd(): Promise<boolean> {
  return Boolean(await env().getAsync('WASM_HAS_SIMD_SUPPORT'));
}

async function unthreadedBinary(): Promise<WasmBinary> {
  return (await hasSimd()) ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm.wasm';
}

/** The build that tfjs will choose. */
async function chosenBinary(): Promise<WasmBinary> {
  const threaded = (await hasSimd()) && (await env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  return threaded ? 'tfjs-backend-wasm-threaded-simd.wasm' : unthreadedBinary();
}

/** Tells tfjs where the binaries are; false if it takes no path any more. */
function takesPaths(paths: WasmPaths): boolean {
  const everyFile = BINARIES.map((name) => [
    name,
    typeof paths === 'string' ? paths + name : (paths[name] ?? ''),
  ]);
  try {
    setWasmPaths(Object.fromEntries(everyFile));
    return true;
  } catch {
    return false;
  }
}
