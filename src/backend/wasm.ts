import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { engine, env, type KernelBackend } from '@tensorflow/tfjs-core';
import { node } from '../core/node.js';
import { endKernelThreads, kernelMode, kernelThreads } from '../kernels/registerKernels.js';
import { backendFromBytes } from './backendFromBytes.js';
import { installedBinaries, readBinary } from './binary.js';
import { type Deadline, deadline } from './deadline.js';
import { BINARIES, type Request, type WasmBinary, type WasmPaths } from './options.js';
import type { Factory, Starter } from './starter.js';
import { threadedBackend } from './threadedBackend.js';

const THREADED = 'tfjs-backend-wasm-threaded-simd.wasm';

/** Why a backend's memory isn't shared. */
const refusals = new WeakMap<KernelBackend, string>();

export const wasm: Starter = {
  package: '@tensorflow/tfjs-backend-wasm',

  async create(factory, request, before) {
    let refusal = 'one thread was asked for when the backend started';
    if (request.threads > 1) {
      try {
        await requireSharedMemory();
        return await shared(factory, request, before);
      } catch (error) {
        refusal = String((error as Error).message ?? error);
      }
    }
    const backend = await unshared(factory, request, before);
    refusals.set(backend, refusal);
    return backend;
  },

  async describe(request) {
    const simd = await hasSimd();
    return { device: 'CPU', simd, kernels: kernelMode(), ...(await threadsOf(request)) };
  },
};

async function threadsOf({ threads, timeout }: Request) {
  try {
    // A worker whose file never comes says nothing at all.
    const running = await deadline(timeout / 2)(kernelThreads());
    if (running > 1 || threads === 1) return { threads: running };
    const refusal =
      refusals.get(engine().backend) ?? 'the backend was started before, without threads';
    return { threads: 1, whyOneThread: refusal };
  } catch (error) {
    endKernelThreads();
    return { threads: 1, whyOneThread: (error as Error).message };
  }
}

async function requireSharedMemory(): Promise<void> {
  if (!(await hasSimd())) throw new Error('WebAssembly has no SIMD here');
  if (!node && !globalThis.crossOriginIsolated) {
    throw new Error(
      'the page is not cross-origin isolated: it needs the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
}

async function shared(
  factory: Factory,
  { timeout, wasmPaths = installedBinaries() }: Request,
  before: Deadline,
): Promise<KernelBackend> {
  if (wasmPaths) return threadedBackend(await before(readBinary(pathOf(THREADED, wasmPaths))));
  // Only tfjs knows where it looks. Its own start says nothing where the page may not run workers from
  // a blob: time has to be left for the other start.
  setThreadsCount(1);
  const started = Promise.resolve(factory());
  return deadline(timeout / 2)(started, (late) => late.dispose());
}

async function unshared(
  factory: Factory,
  { wasmPaths = installedBinaries() }: Request,
  before: Deadline,
): Promise<KernelBackend> {
  if (wasmPaths) {
    // tfjs never gives up a download, and takes no second path after a failed one: so look first. Its
    // own download then comes from the browser's cache.
    const bytes = await before(readBinary(pathOf(await binary(), wasmPaths)));
    if (!takesPaths(wasmPaths)) return backendFromBytes(bytes);
  }
  const flag = 'WASM_HAS_MULTITHREAD_SUPPORT';
  const supported = await env().getAsync(flag);
  env().set(flag, false);
  try {
    return await factory();
  } finally {
    env().set(flag, supported);
  }
}

function pathOf(binary: WasmBinary, paths: WasmPaths): string {
  const path = typeof paths === 'string' ? paths + binary : paths[binary];
  if (path === undefined) throw new Error(`wasmPaths has no '${binary}', which is needed here`);
  return path;
}

async function binary(): Promise<WasmBinary> {
  return (await hasSimd()) ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm.wasm';
}

async function hasSimd(): Promise<boolean> {
  return Boolean(await env().getAsync('WASM_HAS_SIMD_SUPPORT'));
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
