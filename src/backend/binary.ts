import type { WasmPaths } from './options.js';

/** What is used of Node's `process`; this library compiles without Node's types. */
interface Process {
  cwd(): string;
  getBuiltinModule?: {
    (name: 'node:fs'): { promises: { readFile(path: string | URL): Promise<Uint8Array> } };
    (name: 'node:module'): { createRequire(from: string): { resolve(name: string): string } };
    (name: 'node:path'): { dirname(path: string): string; sep: string };
  };
}

const { process } = globalThis as { process?: Process };
// By this function, since an `import` of Node's modules, even a dynamic one, breaks browser bundles.
const node = process?.getBuiltinModule;

// The Vite plugin puts its value in the place of this name.
declare const __TFJS_BLOCKS_WASM__: string | undefined;

/**
 * The folder of tfjs-backend-wasm's binaries: in Node the installed package's, in an app that is built
 * with the Vite plugin the one that it serves; undefined where there is none.
 */
export function installedBinaries(): WasmPaths | undefined {
  if (!process || !node) return servedBinaries();
  const { createRequire } = node('node:module');
  const { dirname, sep } = node('node:path');
  // A bundled program may lie elsewhere than the packages: then the working folder is asked.
  for (const from of [import.meta.url, process.cwd() + sep]) {
    try {
      return dirname(createRequire(from).resolve('@tensorflow/tfjs-backend-wasm')) + sep;
    } catch {}
  }
  return undefined;
}

function servedBinaries(): WasmPaths | undefined {
  if (typeof __TFJS_BLOCKS_WASM__ === 'undefined') return undefined;
  // In two lines, or Vite takes it for the address of a file.
  const script = import.meta.url;
  return new URL(__TFJS_BLOCKS_WASM__, script).href;
}

/** The bytes of a .wasm file; throws, saying what was found there, if it isn't one. */
export async function readBinary(path: string): Promise<Uint8Array> {
  const bytes = await (node ? readFile(path) : download(path));
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== '\0asm') {
    throw new Error(`${path} is not a WebAssembly file (a page in its place, perhaps)`);
  }
  return bytes;
}

function readFile(path: string): Promise<Uint8Array> {
  return node!('node:fs').promises.readFile(path.startsWith('file:') ? new URL(path) : path);
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
