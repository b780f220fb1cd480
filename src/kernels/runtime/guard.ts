/** The allocator of tfjs-backend-wasm's Emscripten module. */
interface Allocator {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

const LIMIT = 2 ** 32;

/**
 * Stock kernels allocate inside WebAssembly too, where a failure aborts the backend for good. Near
 * the limit of 4 GiB this much is kept free for them.
 */
const RESERVE = 64 * 2 ** 20;

/**
 * Makes `_malloc` throw when memory runs out. tfjs doesn't look at the result: it writes to address
 * 0 and on, over other tensors. After the error every tensor is intact, and allocation works again
 * once something is disposed. Returns what puts the stock function back.
 */
export function guardMemory(module: Allocator, memory: WebAssembly.Memory): () => void {
  // Emscripten replaces `_malloc` and `_free` by the real ones when they are first used.
  module._free(module._malloc(1));
  const stock = module._malloc;

  const guarded = (bytes: number): number => {
    const address = stock(bytes);
    if (address === 0) outOfMemory(bytes);
    if (memory.buffer.byteLength > LIMIT - 4 * RESERVE) {
      const reserve = stock(RESERVE);
      if (reserve === 0) {
        module._free(address);
        outOfMemory(bytes);
      }
      module._free(reserve);
    }
    return address;
  };

  module._malloc = guarded;
  return () => {
    if (module._malloc === guarded) module._malloc = stock;
  };
}

/** Frees nothing until `until` resolves, and then all that was to be freed. */
export function holdFrees(module: Allocator, until: Promise<void>): void {
  const free = module._free;
  const held: number[] = [];
  let over = false;
  const hold = (address: number): void => {
    if (over) free(address);
    else held.push(address);
  };
  module._free = hold;
  until.then(() => {
    over = true;
    if (module._free === hold) module._free = free;
    for (const address of held) free(address);
  });
}

function outOfMemory(bytes: number): never {
  throw new Error(
    `WASM backend: out of memory, ${(bytes / 2 ** 20).toFixed(1)} MiB could not be allocated. ` +
      'Every tensor is intact: dispose some (tf.tidy, tf.dispose), or use smaller batches.',
  );
}
