import {
  engine,
  type GradConfig,
  getGradient,
  getKernel,
  type KernelBackend,
  type KernelConfig,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
// tfjs registers its gradients with its layers; without them nothing trains.
import '@tensorflow/tfjs-layers';
import { boolean } from '../core/args.js';
import { setWinograd } from './convolution/winograd.js';
import type { Gradient } from './gradients/gradient.js';
import { GRADIENTS } from './gradients/list.js';
import type { Kernel } from './kernel.js';
import { KERNELS } from './list.js';
import { fuseBatchNormalization } from './norm/stockBatchNormalization.js';
import { plan } from './plan/plan.js';
import { setFma } from './runtime/fma.js';
import { guardBackend, Heap } from './runtime/heap.js';
import { readThreads, readWorkerUrl, usualThreads } from './runtime/threads.js';

const BACKEND = 'wasm';
const OWNER = 'registerKernels';
const isOwn = ({ kernelName }: Kernel) => kernelName.startsWith('Blocks');

/** What the WASM backend runs on: our SIMD kernels, compositions of stock kernels, or stock alone. */
export type KernelMode = 'simd' | 'composed' | 'stock';

/** Options of {@link registerKernels}. */
export interface RegisterKernelsOptions {
  /**
   * Whether 3×3 convolutions of stride 1 may run by Winograd's algorithm: two to three times as fast, with
   * a relative error of up to 4e-6 (RMS) in place of 1e-6. And whether, in predictions, those with a kernel of one
   * pixel may run by Strassen's: a tenth faster, with twice the error. Default: what an earlier call said, else
   * true.
   */
  winograd?: boolean;
  /**
   * Whether engines with fused multiply-add (WebAssembly's relaxed SIMD: Chromium from 114 on, Node from 21 on)
   * compute by it: products up to a third faster, and rounded once where others round twice. Without it
   * results are the same to the last bit on every engine. Default: what an earlier call said, else true.
   */
  fma?: boolean;
  /**
   * How many threads share the work of our kernels, the calling one included, where the backend's
   * memory is shared. Default: what an earlier call said, else all cores, up to 8.
   */
  threads?: number;
  /**
   * Where `worker.js` of this package is served, for pages whose Content-Security-Policy forbids workers
   * from a blob: URL. Default: what an earlier call said, else a blob.
   */
  workerUrl?: string;
}

/** What was registered before ours; null while ours are not registered. */
let replaced: {
  kernels: Map<string, KernelConfig | undefined>;
  gradients: Map<string, GradConfig | undefined>;
  unfuse: () => void;
} | null = null;
const guards = new Map<KernelBackend, () => void>();

/**
 * Makes every tfjs model train on the WASM backend, and faster: registers our kernels in place of
 * stock ones and of those that stock lacks, and makes running out of memory a clear error.
 *
 * Call it before or after `setBackend('wasm')`, once; again is harmless. It follows the backend when
 * tfjs makes a new one. Where the backend's memory can't be reached or SIMD is missing, the missing
 * kernels are composed of stock ones, so that training works all the same. The kernels of other
 * backends are not touched; gradients that tfjs computes wrongly, or refuses to compute, are put right on
 * every backend (average pooling and mirror padding at borders, dilated convolutions, resizing), and those of
 * `depthToSpace`, `gatherND` and `scatterND`, which it lacks, are added.
 * `tf.layers.batchNormalization` trains by two kernels in place of a score.
 *
 * Returns a function that puts the stock kernels and gradients back.
 *
 * Where the backend's memory is shared (tfjs's threaded build: on cross-origin isolated pages, or
 * started by `useBackend`), the kernels run on several threads, with the same results to the last bit.
 *
 * @throws OptionError when `winograd` or `fma` is not a boolean, `threads` not an integer from 1 to 64, or
 * `workerUrl` not a URL.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * import { registerKernels } from 'tfjs-blocks/kernels';
 *
 * registerKernels();
 * await tf.setBackend('wasm');
 * ```
 */
export function registerKernels(options: RegisterKernelsOptions = {}): () => void {
  const { winograd, fma, threads, workerUrl } = options;
  if (winograd !== undefined) setWinograd(boolean(OWNER, 'winograd', winograd));
  if (fma !== undefined) setFma(boolean(OWNER, 'fma', fma));
  if (threads !== undefined) team.threads = readThreads(OWNER, threads);
  if (workerUrl !== undefined) team.workerUrl = readWorkerUrl(OWNER, workerUrl);
  const running = engine().registry[BACKEND];
  if (running) Heap.renew(running);
  if (!replaced) {
    const kernels = KERNELS.filter((kernel) => !isOwn(kernel));
    replaced = {
      kernels: new Map(kernels.map((kernel) => [kernel.kernelName, replaceKernel(kernel)])),
      gradients: new Map(GRADIENTS.map((ours) => [ours.kernelName, replaceGradient(ours)])),
      unfuse: fuseBatchNormalization(),
    };
    if (running) attach(running);
  } else for (const backend of guards.keys()) startThreads(backend);
  return restoreKernels;
}

/** What the options say about threads, for backends that start later too. */
const team: { threads?: number; workerUrl?: string | undefined } = {};

/** Says it before `registerKernels`, which keeps to it. */
export function chooseThreads(threads: number, workerUrl: string | undefined): void {
  Object.assign(team, { threads, workerUrl });
}

/** How many threads the kernels of the running WASM backend use, once all have started. */
export async function kernelThreads(): Promise<number> {
  const heap = runningHeap();
  await heap?.useThreads(heap.threads);
  return heap?.threads ?? 1;
}

/** Goes on with one thread. */
export function endKernelThreads(): void {
  runningHeap()?.endThreads();
}

function runningHeap(): Heap | null {
  const backend = engine().registry[BACKEND];
  return replaced && backend ? Heap.of(backend) : null;
}

/** The threads begin to take part while work goes on. */
function startThreads(backend: KernelBackend): void {
  const { threads = usualThreads(), workerUrl } = team;
  Heap.of(backend)
    ?.useThreads(threads, workerUrl)
    .catch(() => {});
}

/** What the running WASM backend, or the given one, computes with; for `useBackend`'s report. */
export function kernelMode(backend: KernelBackend = engine().registry[BACKEND]!): KernelMode {
  if (!replaced) return 'stock';
  return backend && Heap.of(backend) ? 'simd' : 'composed';
}

function restoreKernels(): void {
  if (!replaced) return;
  for (const [name, stock] of replaced.kernels) {
    unregisterKernel(name, BACKEND);
    if (stock) registerKernel(stock);
  }
  for (const [name, stock] of replaced.gradients) {
    unregisterGradient(name);
    if (stock) registerGradient(stock);
  }
  replaced.unfuse();
  setOwnKernels(false);
  for (const unguard of guards.values()) unguard();
  guards.clear();
  replaced = null;
}

/** Registers one of ours and returns what was there. */
function replaceKernel(kernel: Kernel): KernelConfig | undefined {
  const { kernelName } = kernel;
  const stock = getKernel(kernelName, BACKEND);
  // tfjs warns when a kernel is registered over another.
  if (stock) unregisterKernel(kernelName, BACKEND);
  registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: (call) => {
      const heap = Heap.of(call.backend as KernelBackend);
      const output = heap?.attempt(() => {
        return kernel.run(heap, call.inputs as never, call.attrs as never);
      });
      if (output) return output;
      heap?.spoilTape();
      if (kernel.composed) return kernel.composed(call.inputs as never, call.attrs as never);
      return stock!.kernelFunc(call);
    },
    setupFunc: (backend) => {
      stock?.setupFunc?.(backend);
      attach(backend as KernelBackend);
    },
    disposeFunc: (backend) => {
      stock?.disposeFunc?.(backend);
      guards.delete(backend as KernelBackend);
    },
  });
  return stock;
}

/** tfjs keeps one gradient for all backends, so ours asks which one runs. Returns what was there. */
function replaceGradient({ kernelName, needs, saves, gradFunc }: Gradient): GradConfig | undefined {
  const stock = getGradient(kernelName);
  if (stock) unregisterGradient(kernelName);
  registerGradient({
    ...(stock ?? { kernelName, inputsToSave: saves! }),
    gradFunc: (dy, saved, attrs) => {
      const { backendName, state } = engine();
      const ours = !needs || (state.gradientDepth === 0 && getKernel(needs, backendName));
      const gradients = ours && gradFunc(dy as never, saved, attrs);
      return gradients || stock!.gradFunc(dy, saved, attrs);
    },
  });
  return stock;
}

/** Guards a backend, and registers the kernels that only its memory makes possible. */
function attach(backend: KernelBackend): void {
  if (guards.has(backend)) return;
  guards.set(backend, guardBackend(backend));
  startThreads(backend);
  setOwnKernels(Heap.of(backend) !== null);
}

function setOwnKernels(present: boolean): void {
  for (const kernel of [...KERNELS.filter(isOwn), plan as Kernel]) {
    const { kernelName } = kernel;
    if (getKernel(kernelName, BACKEND)) unregisterKernel(kernelName, BACKEND);
    if (!present) continue;
    registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const heap = Heap.of(backend as KernelBackend)!;
        return heap.attempt(() => kernel.run(heap, inputs as never, attrs as never)!);
      },
    });
  }
}
