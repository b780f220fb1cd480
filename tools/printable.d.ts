/** The characters of texts, of which the last two shift the next one. */
export const ALPHABET: string;

/** The text of bytes. */
export function printable(bytes: Uint8Array): string;
