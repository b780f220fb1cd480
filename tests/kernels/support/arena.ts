import type { DataId, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { Arena } from '../../../src/kernels/runtime/Arena.js';
import { Heap } from '../../../src/kernels/runtime/heap.js';

export interface Values {
  shape: number[];
  values: ArrayLike<number>;
  dtype?: 'float32' | 'int32' | 'bool';
}

const PAGE = 65536;
const GUARD = 256;
/** A NaN that no arithmetic produces. */
const NAN = 0x7fc07f7f;

/**
 * Runs a kernel on a memory of its own that catches what a kernel must not do. The input named
 * `last` ends where the memory ends, so that reading further traps. Everything else is poison
 * (NaN), so that a value used before it is written shows. What is before and after each block that
 * the kernel allocates must be untouched, and all scratch must be freed. A memory that turns out too
 * small for the outputs is replaced by a larger one.
 */
export function runOnArena(
  kernel: Kernel,
  inputs: Record<string, Values>,
  attrs: object,
  last = Object.keys(inputs)[0]!,
  { shared = false } = {},
): { shape: number[]; values: Float32Array }[] {
  const floats = Object.values(inputs).reduce((sum, { values }) => sum + values.length, 0);
  for (let pages = 16 + Math.ceil((floats * 24) / PAGE); ; pages *= 4) {
    try {
      return runOnPages(pages, kernel, inputs, attrs, last, shared);
    } catch (error) {
      if (!(error instanceof ArenaFull)) throw error;
    }
  }
}

class ArenaFull extends Error {}

function runOnPages(
  pages: number,
  kernel: Kernel,
  inputs: Record<string, Values>,
  attrs: object,
  last: string,
  shared: boolean,
): { shape: number[]; values: Float32Array }[] {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared });
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  words.fill(NAN);

  let top = PAGE;
  let limit = 0;
  const live = new Map<number, number>();
  const written = new Map<number, number>();
  const allocate = (size: number): number => {
    const address = top + GUARD;
    // Addresses of tfjs's tensors are multiples of 8, not of 16.
    top = Math.ceil((address + size + GUARD) / 16) * 16 + 8;
    if (top > bytes.length - limit) throw new ArenaFull();
    return address;
  };
  const addresses = new Map<DataId, number>();
  const infos: Record<string, TensorInfo> = {};
  for (const [name, { shape, values, dtype = 'float32' }] of Object.entries(inputs)) {
    const width = dtype === 'bool' ? 1 : 4;
    const size = values.length * width;
    const address = name === last ? bytes.length - size : allocate(size);
    if (name === last) limit = size + GUARD;
    const view = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
    new view(memory.buffer, address, values.length).set(values);
    const dataId = {};
    addresses.set(dataId, address);
    infos[name] = { dataId, shape, dtype };
  }
  const before = words.slice();

  const backend = {
    wasm: {
      wasmMemory: memory,
      _malloc: (size: number) => {
        const address = allocate(size);
        live.set(address, size);
        return address;
      },
      _free: (address: number) => {
        const size = live.get(address);
        if (size === undefined) throw new Error(`${address} is freed and was not allocated`);
        live.delete(address);
        written.set(address, size);
      },
    },
    dataIdMap: { get: (dataId: DataId) => ({ memoryOffset: addresses.get(dataId)! }) },
    incRef: () => {},
    makeOutput: (shape: number[], dtype: 'float32'): TensorInfo => {
      const size = shape.reduce((a, b) => a * b, 1) * (dtype === ('bool' as string) ? 1 : 4);
      const dataId = {};
      const address = allocate(size);
      addresses.set(dataId, address);
      written.set(address, size);
      return { dataId, shape, dtype };
    },
  };
  const heap = Heap.of(backend as unknown as KernelBackend)!;
  // Without a block that stays, each of scratch is allocated, and writing beyond it is seen.
  const result = heap.lending(new Arena(0, 0), () =>
    kernel.run(heap, infos as never, attrs as never),
  );
  if (!result) throw new Error('the case is left to stock');

  if (live.size > 0) throw new Error(`${live.size} blocks of scratch are not freed`);
  const blocks = [...written].sort(([a], [b]) => a - b);
  let from = 0;
  for (const [start, size] of [...blocks, [bytes.length, 0] as const]) {
    for (let i = from; i < start / 4; i++) {
      if (words[i] !== before[i]) throw new Error(`wrote at ${i * 4}, outside of every block`);
    }
    from = Math.ceil((start + size) / 4);
  }
  return [result].flat().map((info) => {
    const count = info.shape.reduce((a, b) => a * b, 1);
    const address = addresses.get(info.dataId)!;
    return { shape: info.shape, values: new Float32Array(memory.buffer, address, count).slice() };
  });
}
