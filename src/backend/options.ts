import { OptionError, oneOf, positiveInt, refuse } from '../core/args.js';

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
   * The most threads that WASM may use. So far these are tfjs's own: in a browser they need
   * cross-origin isolation and end at half the cores; in Node there is one, until a later version.
   * Default: as tfjs decides.
   */
  threads?: number;
}

/** The options in canonical form. */
export interface Request {
  /** What the caller named. */
  preferred: BackendName[];
  order: BackendName[];
  timeout: number;
  wasmPaths?: WasmPaths;
  threads?: number;
}

const OWNER = 'useBackend';

export function readOptions(options: BackendOptions): Request {
  const { prefer = [], timeout = 30_000, wasmPaths, threads } = options;
  const preferred = [prefer].flat().map((name) => oneOf(OWNER, 'prefer', name, ORDER));
  if (wasmPaths !== undefined) checkPaths(wasmPaths);
  if (threads !== undefined) positiveInt(OWNER, 'threads', threads);
  return {
    preferred,
    order: [...new Set([...preferred, ...ORDER])],
    timeout: positiveInt(OWNER, 'timeout', timeout),
    wasmPaths,
    threads,
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
