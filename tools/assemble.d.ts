/** asc's options for the build for unshared memory, and for the same with fused multiply-add. */
export const UNSHARED: string[];
export const FUSED: string[];

/** The WebAssembly of an AssemblyScript file, by asc's options. */
export function compile(file: string, options: string[]): Promise<Uint8Array<ArrayBuffer>>;
