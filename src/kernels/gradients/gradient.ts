import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/** A gradient that takes the place of a stock one. */
export interface Gradient {
  /** The forward kernel that it belongs to. */
  kernelName: string;
  /** The kernel of ours that it calls; where a backend lacks it, stock's gradient stays. */
  needs: string;
  /**
   * As in tfjs's `GradConfig`, and with the tensors that stock's gradient saves. Null leaves the case
   * to stock. Not called for gradients of gradients: our kernels have no gradients themselves.
   */
  gradFunc(dy: Tensor, saved: Tensor[], attrs: NamedAttrMap): GradientMap | null;
}

export type GradientMap = { [input in keyof NamedTensorMap]: () => Tensor };
