import { fromInstalled, node } from '../core/node.js';
import type { WasmPaths } from './options.js';

// The Vite plugin puts its value in the place of this name.
declare const __TFJS_BLOCKS_WASM__: string | undefined;

/**
 * The folder of tfjs-backend-wasm's binaries: in Node the installed package's, in an app that is built
 * with the Vite plugin the one that it serves; undefined where there is none.
 */
export function installedBinaries(): WasmPaths | undefined {
  if (!node) return servedBinaries();
  const { dirname, sep } = node('node:path');
  return fromInstalled(({ resolve }) => dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep);
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
