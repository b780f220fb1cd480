// Bytes as printable text, which src/kernels/runtime/printable.ts reads. A common byte is one character and a rare one
// two, and a byte begins where a character does, so that text is compressed as well as what it stands for. Of base64,
// whose characters lie across bytes, gzip leaves two fifths more.

/** All that is printable but for spaces, what a string literal escapes ("$'\`), and what could end a script (<). */
export const ALPHABET =
  '!#%&()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~';

/** Characters that stand for themselves; the two behind them each shift the next one up by as many. */
const DIGITS = ALPHABET.length - 2;

/** Added to a byte, so that 0xfd, with which a SIMD instruction begins, is a common one. */
const OFFSET = 3;

/** The text of bytes. */
export function printable(bytes) {
  return Array.from(bytes, (byte) => {
    const value = (byte + OFFSET) & 0xff;
    const shift = Math.floor(value / DIGITS);
    const digit = ALPHABET[value % DIGITS];
    return shift > 0 ? ALPHABET[DIGITS + shift - 1] + digit : digit;
  }).join('');
}
