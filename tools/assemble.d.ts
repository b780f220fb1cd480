/** The WebAssembly of an AssemblyScript file, by asc's options. */
export function compile(file: string, options: string[]): Promise<Uint8Array<ArrayBuffer>>;
