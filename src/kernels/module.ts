import { BINARY, SHARED_FLAG } from './binary.generated.js';

const compiled = new Map<boolean, WebAssembly.Module>();

/**
 * The kernels' WebAssembly module, compiled for an unshared or a shared memory, or null where the
 * engine has no SIMD.
 */
export function kernelModule(shared: boolean): WebAssembly.Module | null {
  const known = compiled.get(shared);
  if (known) return known;
  const bytes = Uint8Array.from(atob(BINARY), (char) => char.charCodeAt(0));
  if (shared) bytes[SHARED_FLAG] = 3;
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return null;
  const module = new WebAssembly.Module(bytes);
  compiled.set(shared, module);
  return module;
}
