import type { Tensor } from '@tensorflow/tfjs-core';

/** The kernel that predicts by a plan, where a backend has one; the WASM kernels do. */
export const PREDICT = 'BlocksPredict';

/** What a backend keeps for the predictions of one model. Whoever makes it disposes it. */
export interface Predictions {
  /** The backend's own: plans, packed filters, memory for what is between layers. */
  kept?: { dispose(): void };
  /** Why this model can't be predicted by a plan. */
  unfit?: string;
}

/** The attributes of the kernel {@link PREDICT}; its inputs are the model's. */
export interface PredictAttrs {
  predictions: Predictions;
  /** The model's outputs for these inputs, by its layers: what a plan is made of. */
  compute: () => Tensor[];
}
