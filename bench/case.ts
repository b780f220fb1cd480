import type { NamedAttrMap, NamedTensorMap } from '@tensorflow/tfjs-core';

/** A kernel on one shape, and the work it can't avoid. */
export interface Case {
  kernelName: string;
  shape: string;
  inputs: () => NamedTensorMap;
  attrs: NamedAttrMap;
  /** Floating-point operations, for kernels that the processor limits … */
  flops?: number;
  /** … or bytes read and written, for those that memory limits. */
  bytes?: number;
  /** The share of the limit to reach. */
  goal: number;
  /** Why it falls short of that, where it is known to. */
  why?: string;
}
