import { BINARY, FUSED_PLACES, SHARED_FLAG } from './binary.generated.js';
import { usesFma } from './fma.js';
import { bytesOfText } from './printable.js';

const compiled = new Map<string, WebAssembly.Module>();

/**
 * The kernels' WebAssembly module, compiled for an unshared or a shared memory, with fused multiply-add
 * where the engine has it and nobody has switched it off. Null where the engine has no SIMD.
 */
export function kernelModule(shared: boolean): WebAssembly.Module | null {
  const fma = usesFma();
  const build = `${shared} ${fma}`;
  const known = compiled.get(build);
  if (known) return known;
  const bytes = bytesOf(shared, fma);
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return null;
  const module = new WebAssembly.Module(bytes);
  compiled.set(build, module);
  return module;
}

/** One of the four builds, which are so much alike that one is enough to make the others. */
function bytesOf(shared: boolean, fma: boolean): Uint8Array<ArrayBuffer> {
  const bytes = bytesOfText(BINARY);
  if (shared) bytes[SHARED_FLAG] = 3;
  if (fma) fuse(bytes);
  return bytes;
}

/** `a b f32x4.mul c f32x4.add` → `a b nop nop nop c f32x4.relaxed_madd`. */
function fuse(bytes: Uint8Array): void {
  const MUL = 0xe6;
  let at = 0;
  for (const distance of FUSED_PLACES) {
    at += distance;
    bytes.set(bytes[at + 1] === MUL ? [0x01, 0x01, 0x01] : [0xfd, 0x85, 0x02], at);
  }
}
