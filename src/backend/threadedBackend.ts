import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { fromInstalled, node } from '../core/node.js';
import { backendOf, type WasmModule } from './backendFromBytes.js';

type Factory = (config: object) => Promise<WasmModule>;

/** A thread as Emscripten sees it. */
interface Thread {
  onmessage?: (event: { data: { cmd: string } }) => void;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** The object by which Emscripten manages its threads. */
interface PThread {
  unusedWorkers: Thread[];
  initMainThread(): void;
}

interface Imports {
  env: Record<string, unknown>;
}

/**
 * tfjs's threaded WASM backend, whose memory is shared, from bytes. Its own threads are left out: tfjs
 * starts eight of them from blob: URLs, and only in browsers; they would run few operators beside our
 * kernels, and spin after each, on the cores that the kernels' threads want. No global is touched.
 */
export async function threadedBackend(binary: Uint8Array): Promise<BackendWasm> {
  const factory = await (node ? factoryInNode() : factoryInBrowser());
  const module = await new Promise<WasmModule>((resolve, reject) => {
    const config = {
      instantiateWasm(imports: Imports, receive: (...args: unknown[]) => void) {
        imports.env.emscripten_num_logical_cores = () => 1;
        // It would warn that a page's main thread waits for threads, of which there are none.
        imports.env.emscripten_check_blocking_allowed = () => {};
        WebAssembly.instantiate(binary as BufferSource, imports as never)
          .then(({ instance, module }) => receive(instance, module))
          .catch(reject);
        return {};
      },
    };
    factory(withoutThreads(config, reject)).then(resolve, reject);
  });
  return backendOf(module, 1);
}

/** Emscripten gives the module, that is `config`, the object that manages threads before it uses it. */
function withoutThreads(config: object, onFailure: (reason: unknown) => void): object {
  let pthread: PThread;
  return Object.defineProperty(config, 'PThread', {
    get: () => pthread,
    set: (value: PThread) => {
      pthread = value;
      pthread.initMainThread = () => pthread.unusedWorkers.push(noThread(onFailure));
    },
  });
}

/** Emscripten waits until one thread at least is loaded: this one only says so. */
function noThread(onFailure: (reason: unknown) => void): Thread {
  const thread: Thread = {
    postMessage: () => {
      const loaded = async () => thread.onmessage?.({ data: { cmd: 'loaded' } });
      loaded().catch(onFailure);
    },
    terminate: () => {},
  };
  return thread;
}

async function factoryInBrowser(): Promise<Factory> {
  // In a bundle this is the file that tfjs-backend-wasm has brought already.
  const glue = await import(
    '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js'
  );
  return glue.default as unknown as Factory;
}

function factoryInNode(): Factory {
  const name = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
  const path = fromInstalled(({ resolve }) => resolve(name));
  if (path === undefined) throw new Error(`'${name}' is not found`);
  const code = `${node!('node:fs').readFileSync(path, 'utf8')}
    return WasmBackendModuleThreadedSimd;`;
  // Without `process` it takes Node for a plain engine, and leaves its listeners and globals alone.
  const hidden = ['process', 'module', 'exports', 'define'];
  return node!('node:vm').compileFunction(code, hidden, { filename: path })();
}
