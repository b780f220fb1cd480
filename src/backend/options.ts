import { OptionError, oneOf, positiveInt, refuse } from '../core/args.js';
import { readThreads, readWorkerUrl, usualThreads } from '../kernels/runtime/threads.js';

/** The backends in the order in which they are tried. */
export const ORDER = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;

/** A backend that `useBackend` can start. */
export type BackendName = (typeof ORDER)[number];

/** tfjs-backend-wasm's builds: one for every engine, one with SIMD, one with SIMD and threads. */
export const BINARIES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** The file name of one of tfjs-backend-wasm's builds. */
export type WasmBinary = (typeof BINARIES)[number];

/** The folder that holds the binaries, as a path or URL that ends with `/`, or each one's own. */
export type WasmPaths = string | Partial<Record<WasmBinary, string>>;

/** How `useBackend` searches. */
export interface BackendOptions {
  /**
   * What to try before the others: a backend or several. `'webgpu'` is used in Node only when it is
   * named here. Default: none, the usual order.
   */
  prefer?: BackendName | BackendName[];
  /** How long one backend may take to start and to prove itself, in milliseconds. Default: 30000. */
  timeout?: number;
  /**
   * Where tfjs-backend-wasm's .wasm files are. Default: in Node the installed package's own folder;
   * in an app with the plugin of `tfjs-blocks/vite` where that serves them; else in a browser what
   * `setWasmPaths` was told, or beside the page or script.
   */
  wasmPaths?: WasmPaths;
  /**
   * How many threads WASM computes with, the calling one included: an integer from 1 to 64. In a
   * browser more than one need cross-origin isolation. Default: all cores, up to 8.
   */
  threads?: number;
  /**
   * Where `worker.js` of this package is served, for pages whose Content-Security-Policy forbids workers
   * from a blob: URL. Default: a blob; in Node it is not needed.
   */
  workerUrl?: string;
}

/** The options in canonical form. */
export interface Request {
  /** What the caller named. */
  preferred: BackendName[];
  order: BackendName[];
  timeout: number;
  wasmPaths?: WasmPaths;
  threads: number;
  workerUrl?: string;
}

const OWNER = 'useBackend';

export function readOptions(options: BackendOptions): Request {
  const { prefer = [], timeout = 30_000, wasmPaths, threads = usualThreads(), workerUrl } = options;
  const preferred = [prefer].flat().map((name) => oneOf(OWNER, 'prefer', name, ORDER));
  if (wasmPaths !== undefined) checkPaths(wasmPaths);
  return {
    preferred,
    order: [...new Set([...preferred, ...ORDER])],
    timeout: positiveInt(OWNER, 'timeout', timeout),
    ...(wasmPaths !== undefined && { wasmPaths }),
    threads: readThreads(OWNER, threads),
    ...(workerUrl !== undefined && { workerUrl: readWorkerUrl(OWNER, workerUrl) }),
  };
}

function checkPaths(paths: unknown): void {
  if (typeof paths === 'string' && /[/\\]$/.test(paths)) return;
  if (typeof paths !== 'object' || paths === null) {
    refuse(OWNER, 'wasmPaths', "a folder that ends with '/' or an object of files", paths);
  }
  for (const [name, path] of Object.entries(paths)) {
    oneOf(OWNER, 'wasmPaths', name, BINARIES);
    if (typeof path !== 'string') {
      throw new OptionError(`${OWNER}: wasmPaths['${name}'] must be a path or URL, got ${path}`);
    }
  }
}
