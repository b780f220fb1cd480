import {
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { activationGrad } from '../elementwise/activationGrad.js';

/** A gradient that takes the place of a stock one, or of none. */
export interface Gradient {
  /** The forward kernel that it belongs to. */
  kernelName: string;
  /**
   * The kernel of ours that it calls. Where a backend lacks it, and for gradients of gradients, as our
   * kernels have none themselves, stock's gradient stays. Without one the gradient is of stock
   * operations, for every backend: stock's is wrong, or throws.
   */
  needs?: string;
  /** The inputs that it wants to have saved, where stock has no gradient; such a one must take every case. */
  saves?: string[];
  /**
   * As in tfjs's `GradConfig`, and with the tensors that stock's gradient saves. Null leaves the case
   * to stock.
   */
  gradFunc(dy: Tensor, saved: Tensor[], attrs: NamedAttrMap): GradientMap | null;
}

export type GradientMap = { [input in keyof NamedTensorMap]: () => Tensor };

/** Whether the running backend computes with our kernels. */
export function runsOurs(): boolean {
  return getKernel(activationGrad.kernelName, engine().backendName) !== undefined;
}
