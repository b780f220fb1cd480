import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';

type Cwrap = (name: string, result: 'number' | null, args: 'number'[]) => () => never;

/** What Emscripten makes of tfjs-backend-wasm's binary. */
export type WasmModule = BackendWasm['wasm'] & { cwrap: Cwrap };

/**
 * The WASM backend as tfjs-backend-wasm itself would make it, but from bytes, and without threads.
 * tfjs takes no other path once a start has failed; this needs none.
 */
export async function backendFromBytes(wasmBinary: Uint8Array): Promise<BackendWasm> {
  // In a bundle this is the file that tfjs-backend-wasm has brought already.
  const glue = await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js');
  const load = glue.default as unknown as (config: object) => Promise<WasmModule>;
  return backendOf(await load({ wasmBinary }), 1);
}

/** The backend on a module, with so many threads of tfjs's own. */
export function backendOf(module: WasmModule, threads: number): BackendWasm {
  const { cwrap } = module;
  module.tfjs = {
    init: cwrap('init', null, []),
    initWithThreadsCount: cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: cwrap('get_threads_count', 'number', []),
    registerTensor: cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: cwrap('dispose_data', null, ['number']),
    dispose: cwrap('dispose', null, []),
  };
  setThreadsCount(threads);
  return new BackendWasm(module);
}
