import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { KernelMode } from '../kernels/registerKernels.js';
import type { Deadline } from './deadline.js';
import type { Request } from './options.js';

/** What is particular to one backend. */
export interface Starter {
  /** The package whose import registers the backend. */
  package: string;
  /** Registers the backend where the import of its package doesn't; throws where that can't work. */
  register?(request: Request): void;
  /** Makes an instance, by the factory that the package registered; throws where that can't work. */
  create(factory: Factory, request: Request, before: Deadline): Promise<KernelBackend>;
  /** What the running backend computes with. */
  describe(request: Request): Promise<Description>;
}

export type Factory = () => KernelBackend | Promise<KernelBackend>;

export interface Description {
  /** The graphics adapter's name as the browser gives it, or `'CPU'`. */
  device: string;
  /** Whether WASM computes with SIMD instructions; false on the other backends. */
  simd: boolean;
  /** How many threads WASM uses; 1 on the other backends. */
  threads: number;
  /** Why WASM uses one thread where more were asked for; else not there. */
  whyOneThread?: string;
  /**
   * `'simd'`: this library's WASM kernels; `'composed'`: its compositions of tfjs's kernels, where
   * WASM has no SIMD; `'stock'`: tfjs's own, on the other backends.
   */
  kernels: KernelMode;
}
