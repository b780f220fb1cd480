const memories = new Set<WebAssembly.Memory>();

/** From now on notes the memory of every WebAssembly module that is started. */
export function watchMemories(): void {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (async (source: BufferSource, imports: WebAssembly.Imports = {}) => {
    const result = await instantiate(source, imports);
    const { exports } = 'instance' in result ? result.instance : (result as WebAssembly.Instance);
    for (const group of [exports, ...Object.values(imports)]) {
      for (const value of Object.values(group)) {
        if (value instanceof WebAssembly.Memory) memories.add(value);
      }
    }
    return result;
  }) as typeof instantiate;
}

/** The size of the largest of these memories in MiB; they never shrink. */
export function largestMemory(): number {
  return Math.max(0, ...[...memories].map(({ buffer }) => buffer.byteLength / 2 ** 20));
}
