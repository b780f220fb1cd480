export declare const ALPHABET: string;
export declare function printable(bytes: Uint8Array): string;
