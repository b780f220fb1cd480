/** A module of one function, (a, b, c) → f32x4.relaxed_madd(a, b, c), which only some engines take. */
const PROBE = Uint8Array.of(
  // '\0asm', version 1
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // One type: (v128, v128, v128) → v128.
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  // One function, of that type.
  ...[0x03, 0x02, 0x01, 0x00],
  // Its code: three times local.get, then the instruction and the end.
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
);

let enabled = true;

/** Switches fused multiply-add on or off, for sums that are the same to the last bit on every engine. */
export function setFma(on: boolean): void {
  enabled = on;
}

/** Whether a module is to have fused multiply-add. */
export function usesFma(): boolean {
  return enabled && engineHasFma();
}

/** Whether the engine has WebAssembly's relaxed SIMD, and with it fused multiply-add. */
export function engineHasFma(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(PROBE);
}
