import { ALPHABET } from './binary.generated.js';

// As in tools/printable.js.
const DIGITS = ALPHABET.length - 2;
const OFFSET = 3;

/** The bytes of a text that tools/printable.js has made. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let shift = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < DIGITS) {
      bytes.push(shift + digit - OFFSET);
      shift = 0;
    } else shift = (digit - DIGITS + 1) * DIGITS;
  }
  // Modulo 256.
  return Uint8Array.from(bytes);
}
