import { engine, setBackend } from '@tensorflow/tfjs-core';
import { deadline } from './deadline.js';
import { type BackendName, type BackendOptions, type Request, readOptions } from './options.js';
import { settle, start } from './start.js';
import type { Description } from './starter.js';

/** What became of one backend. */
export interface Attempt {
  /** Which one. */
  name: BackendName;
  /** Whether a small convolution and its gradients came out right on it. */
  works: boolean;
  /** Why it was taken or dropped, for a person to read. */
  why: string;
}

/** The chosen backend. */
export interface BackendReport extends Description {
  /** Which one tfjs is on now. */
  name: BackendName;
  /** Everything that was tried, in order; the last one is the chosen one. */
  tried: Attempt[];
}

// Two searches at once would start every backend twice.
let last: Promise<unknown> = Promise.resolve();

/**
 * Puts tfjs on the first backend that works here, of WebGPU, WebGL, WASM and CPU in this order, and
 * tells which one it is and why.
 *
 * A backend works when a small convolution and its gradients come out right on it, in time. One that
 * fails is put back to where it was, and the next is tried; when all fail, tfjs stays on the backend
 * that it had. WASM gets this library's kernels (`registerKernels`), since it can't train without.
 *
 * Only imported backends are tried: WASM always is (it comes with this function), the others when the
 * app imports their packages. They are not imported here, because a bundler would then put a megabyte
 * of WebGL and WebGPU into every app, and stop where an optional package is not installed.
 *
 * In Node, WASM's binaries are found in the installed package, and `prefer: 'webgpu'` loads the packages
 * `webgpu` and `@tensorflow/tfjs-backend-webgpu` where they are installed. In a browser they must be served:
 * beside the page, or where `wasmPaths` says.
 *
 * @throws `OptionError` for a bad option, and an error that lists what was tried, why each failed
 * and what to do, when nothing works.
 *
 * @example
 * ```js
 * import '@tensorflow/tfjs-backend-webgl';
 * import '@tensorflow/tfjs-backend-webgpu';
 * import { useBackend } from 'tfjs-blocks/backend';
 *
 * const { name, device, tried } = await useBackend({ wasmPaths: '/wasm/' });
 * ```
 */
export async function useBackend(options: BackendOptions = {}): Promise<BackendReport> {
  const request = readOptions(options);
  const report = last.then(() => search(request));
  last = report.catch(() => {});
  return report;
}

async function search(request: Request): Promise<BackendReport> {
  await settle(deadline(request.timeout));
  const { backendName, registry } = engine();
  const tried: Attempt[] = [];
  for (const name of request.order) {
    try {
      const description = await start(name, request);
      tried.push({ name, works: true, why: 'a convolution and its gradients came out right' });
      return { name, ...description, tried };
    } catch (error) {
      tried.push({ name, works: false, why: messageOf(error) });
    }
  }
  if (backendName in registry) await setBackend(backendName);
  throw new Error(nothingWorks(tried));
}

function messageOf(error: unknown): string {
  // tfjs-backend-wasm rejects with a plain object.
  const { message } = Object(error) as { message?: unknown };
  return String(message ?? error);
}

function nothingWorks(tried: Attempt[]): string {
  return [
    'useBackend: no backend works here.',
    ...tried.map(({ name, why }) => `  ${name}: ${why}`),
    "Import '@tensorflow/tfjs-backend-cpu', which runs everywhere; for a fast one, see that the .wasm",
    'files of tfjs-backend-wasm are served, and say where with the option wasmPaths.',
  ].join('\n');
}
